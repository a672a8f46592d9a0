# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Work: one lease, as the step that runs it sees it.

A step never asks whether the lease is still held: it calls ``check`` (or
anything that checks), which raises when the step has to end. What it writes
into ``checkpoint`` and ``progress`` travels with the heartbeats.
"""

import base64
import contextlib
import json
import os
import shutil
import threading
import time

import oslo_messaging as messaging

from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service import secret_store
from migrate_service.drivers import registry
from migrate_service.worker import ledger
from migrate_service.worker import logs

#: What a call raises while the broker or all conductors are away.
BUS_ERRORS = (
    messaging.MessagingTimeout,
    messaging.MessageDeliveryFailure,
)
#: Seconds between two tries of such a call.
RETRY_INTERVAL = 1.0


class Work:
    """A lease and what its step needs.

    :param lease: the dict that ``claim`` or ``finish`` returned.
    :param conductor: ``conductor.rpcapi.ConductorAPI``.
    :param worker: name of this worker.
    :param sent_at: ``clock()`` before the call that returned the lease.
    :param on_save: called to have a heartbeat sent at once.
    :param clock: a monotonic clock in seconds.
    """

    def __init__(
        self,
        lease,
        *,
        conf,
        conductor,
        worker,
        sent_at,
        on_save,
        clock=time.monotonic,
    ):
        self.conf = conf
        self.lease = lease
        self.kind = lease['kind']
        self.id = lease['id']
        self.attempt = lease['attempt']
        self.step = lease['step']
        self.name = lease.get('name')
        self.options = lease.get('options') or {}
        #: How a user, or a failed probe, wants it taken back.
        self.rollback = lease.get('rollback') or {}
        self.machine_id = lease.get('machine_id')
        self.checkpoint = lease.get('checkpoint') or {}
        self.progress = lease.get('progress') or {}
        self.result = lease.get('result') or {}
        self.warnings = []
        self.context = migrate_context.RequestContext(
            project_id=lease.get('project_id'),
            user_id=lease.get('user_id'),
            request_id=lease.get('request_id'),
            overwrite=False,
        )
        self.workdir = os.path.join(
            conf.worker.workdir, worker, f'{self.id}.{self.attempt}'
        )
        self.ledger = ledger.Ledger(lease.get('ledger') or [], self._record)
        self.logs = logs.Logs(os.path.join(self.workdir, 'log'), self._log)
        self._conductor = conductor
        self._worker = worker
        self._clock = clock
        self._order = None
        self._changed = threading.Condition()
        self._stored = json.dumps(self.checkpoint, sort_keys=True)
        self._doubtful_until = 0
        self._chunks = {}
        self._on_save = on_save
        self._saves_asked = 0
        self._saves_done = 0
        self.renewed(sent_at)

    # What steps use

    def check(self):
        """Return when the step may go on.

        :raises LeaseLost: another worker has, or may soon have, the lease.
        :raises Cancelled: the user asked to stop.
        :raises Released: the worker gives the lease back.
        """
        self.check_lease()
        if self._order == 'cancel':
            raise exceptions.Cancelled()
        if self._order == 'release':
            raise exceptions.Released()

    def check_lease(self):
        """Return while the lease is surely ours.

        :raises LeaseLost: it may be somebody else's: stop all writing.
        """
        if self._order == 'lost' or self._clock() >= self.fenced_at:
            raise exceptions.LeaseLost(id=self.id, attempt=self.attempt)

    def sleep(self, seconds):
        """Wait, but no longer than until ``check`` would raise."""
        until = self._clock() + seconds
        with self._changed:
            while True:
                self.check()
                left = until - self._clock()
                if left <= 0:
                    return
                self._changed.wait(min(left, 1.0))

    def save(self):
        """Return when the checkpoint of this moment is stored.

        :raises LeaseLost: and what else ``check`` raises.
        """
        with self._changed:
            self._saves_asked += 1
            wanted = self._saves_asked
            self._on_save()
            while self._saves_done < wanted:
                self.check()
                self._changed.wait(1.0)

    def log(self, tool):
        """Return the path of the log file of ``tool``, to append to."""
        return self.logs.path(tool)

    def keep_evidence(self, **evidence):
        """Have ``console``, ``result`` or ``timings`` of a rehearsal kept."""
        self._call(self._conductor.evidence, evidence=evidence)

    def manifest(self, disk):
        """Return the stored region hashes of a disk, ``{chunk: bytes}``."""
        stored = self._call(self._conductor.manifest, disk=disk)
        chunks = {
            int(number): base64.b64decode(data)
            for number, data in stored.items()
        }
        return chunks | self._chunks.get(disk, {})

    def store_manifest(self, disk, chunks):
        """Have region hashes stored with the next heartbeat.

        Call it *before* the ranges that they cover enter ``checkpoint``.

        :param chunks: ``{chunk: bytes}`` of those that changed.
        """
        self._chunks.setdefault(disk, {}).update(chunks)

    def send_inventory(self, **items):
        """Have a page of ``machines``, ``networks`` … of a source stored."""
        self.call(
            lambda: self._conductor.inventory(
                self.context,
                worker=self._worker,
                source_id=self.id,
                attempt=self.attempt,
                items=items,
            )
        )

    def assessed_machines(self):
        """Yield the pages of an assessment: lists of inventory's dicts."""
        start = 0
        while start is not None:
            page = self._call(self._conductor.assessment_machines, start=start)
            yield page['machines']
            start = page['next']

    def send_assessment(self, results):
        """Have stored what was found about a page of machines."""
        self._call(self._conductor.assessed, results=results)

    def open_source(self):
        """Return a session with the source, a context manager."""
        source = self.lease['source']
        store = secret_store.SecretStore(self.conf)
        password = store.fetch(source['secret'])
        return registry.open_source(self.conf, source, password)

    def open_destination(self):
        """Return a session with the cloud, as the user by the trust."""
        return registry.open_destination(
            self.conf,
            trust_id=self.lease.get('trust_id'),
            project_id=self.lease['project_id'],
        )

    # What the manager and the heartbeat use

    @contextlib.contextmanager
    def directory(self):
        """Make the private directory, and remove it at the end."""
        shutil.rmtree(self.workdir, ignore_errors=True)
        os.makedirs(self.workdir, mode=0o700)
        os.mkdir(os.path.join(self.workdir, 'log'))
        try:
            yield
        finally:
            shutil.rmtree(self.workdir, ignore_errors=True)

    def renewed(self, sent_at):
        """Take note of a good heartbeat that was sent at ``sent_at``.

        From ``fenced_at`` on the lease may expire before the next one.
        """
        interval = self.conf.worker.heartbeat_interval
        self.fenced_at = sent_at + self.lease['ttl'] - 2 * interval

    def order(self, order):
        """Have ``check`` raise: ``lost``, ``cancel`` or ``release``."""
        with self._changed:
            if self._order != 'lost':
                self._order = order
            self._changed.notify_all()

    def report(self):
        """Return what the next heartbeat tells, and a token for it."""
        saves = self._saves_asked
        # One call into C without Python code in it, hence of one moment,
        # while the step goes on writing.
        checkpoint = json.dumps(self.checkpoint, sort_keys=True)
        doubtful = self._clock() < self._doubtful_until
        changed = doubtful or checkpoint != self._stored
        chunks = {disk: dict(of) for disk, of in list(self._chunks.items())}
        entry = {
            'kind': self.kind,
            'id': self.id,
            'attempt': self.attempt,
            'progress': json.loads(json.dumps(self.progress)),
            'checkpoint': json.loads(checkpoint) if changed else None,
            'manifest': {
                disk: {
                    str(number): base64.b64encode(data).decode()
                    for number, data in of.items()
                }
                for disk, of in chunks.items()
            },
        }
        return entry, (checkpoint, chunks, saves)

    def reported(self, token, sent_at, order):
        """Take the answer to a heartbeat: what was told is stored."""
        if order != 'lost':
            self._stored, chunks, saves = token
            for disk, of in chunks.items():
                self._forget(disk, of)
            self._saves_done = max(self._saves_done, saves)
            self.renewed(sent_at)
        with self._changed:
            # Under the lock: else an order of that moment is overwritten.
            self.order(order or self._order)

    def unanswered(self):
        """Take note that a heartbeat may be carried out much later.

        It would put an older checkpoint in the place of a newer one: the
        next reports bring the whole checkpoint until that cannot be.
        """
        self._doubtful_until = self._clock() + self.conf.rpc_response_timeout

    def _forget(self, disk, chunks):
        for number, data in chunks.items():
            if self._chunks[disk].get(number) is data:
                del self._chunks[disk][number]

    def finish(self, event, error, more_claims, worker):
        """End the lease; return the next one or None.

        :raises LeaseLost: somebody else has it.
        """
        self._store_hashes()
        return self.call(
            lambda: self._conductor.finish(
                self.context,
                worker=worker(),
                kind=self.kind,
                id=self.id,
                attempt=self.attempt,
                event=event,
                checkpoint=self.checkpoint,
                progress=self.progress,
                result=self.result,
                error=error,
                warnings=self.warnings,
                more_claims=more_claims(),
            )
        )

    def _store_hashes(self):
        """Return when the hashes of all that the checkpoint counts are kept.

        The end of a lease stores the checkpoint, and heartbeats the hashes.
        """
        with self._changed:
            while any(self._chunks.values()):
                self.check_lease()
                self._on_save()
                self._changed.wait(RETRY_INTERVAL)

    def call(self, function):
        """Call a conductor, again while the bus is away and we have time."""
        while True:
            self.check_lease()
            try:
                return function()
            except BUS_ERRORS:
                with self._changed:
                    self._changed.wait(RETRY_INTERVAL)

    def _call(self, method, **arguments):
        return self.call(
            lambda: method(
                self.context,
                worker=self._worker,
                id=self.id,
                attempt=self.attempt,
                **arguments,
            )
        )

    def _record(self, entry):
        self._call(self._conductor.record, entry=entry)

    def _log(self, tool, text):
        self._call(self._conductor.log, step=self.step, tool=tool, text=text)
