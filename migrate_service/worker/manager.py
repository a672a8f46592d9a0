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

"""The worker: slots, claims, and the thread of each lease."""

import os
import shutil
import subprocess
import threading
import time
import uuid

from oslo_log import log as logging

from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service import version
from migrate_service.conductor import rpcapi
from migrate_service.metrics import server as metrics_server
from migrate_service.metrics import worker as metrics
from migrate_service.node import capacity
from migrate_service.worker import assess
from migrate_service.worker import discover
from migrate_service.worker import heartbeat
from migrate_service.worker import names
from migrate_service.worker import plugging
from migrate_service.worker import work as worker_work
from migrate_service.worker.steps import pretend
from migrate_service.worker.steps import registry

LOG = logging.getLogger(__name__)

#: Seconds between two claims of an idle worker, first and last.
IDLE_FIRST = 1.0
IDLE_LAST = 15.0
#: Seconds between two looks at the logs of tools.
LOG_INTERVAL = 5.0
#: Seconds that leases have to be given back when the worker stops, and then
#: to be left without a word. Together below ``graceful_shutdown_timeout``.
STOP_PATIENCE = 25.0
LAST_PATIENCE = 5.0
#: Sources that are looked at beside the slots: verifying must not wait for
#: a copy to end.
DISCOVERIES = 2


def elapsed():
    """Return seconds that go on while the node is suspended.

    Leases do end meanwhile; CLOCK_MONOTONIC would hide that.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class WorkerManager:
    """Runs leases until it is stopped.

    :param name: the name of this worker; default ``[worker] name``.
    :param clock: returns seconds and never goes back.
    :param facts: what administrators are shown of the node, a dict.
    """

    def __init__(self, conf, bus, name=None, clock=elapsed, facts=None):
        self.conf = conf
        self.name = name or names.of(conf)
        self.host = self.name
        # Younger ones sort later: an older process of this name is told.
        self.incarnation = f'{time.time_ns():020d}-{uuid.uuid4().hex[:12]}'
        self.endpoints = [Hints(self)]
        self.facts = facts or {}
        self.clock = clock
        self.conductor = rpcapi.ConductorAPI(bus)
        self.heartbeat = heartbeat.Heartbeat(
            conductor=self.conductor,
            describe=self.describe,
            works=self.works,
            interval=conf.worker.heartbeat_interval,
            clock=clock,
        )
        self.metrics = metrics.Metrics(self)
        self.metrics_server = metrics_server.Server(
            conf.metrics, self.metrics.registry, conf.metrics.worker_port
        )
        self._context = migrate_context.service_context()
        self._slots = conf.worker.slots or capacity.slots()
        self._works: dict[tuple, worker_work.Work] = {}
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._helpers = [
            threading.Thread(target=self._claim, name='claim', daemon=True),
            threading.Thread(target=self._ship, name='logs', daemon=True),
        ]

    def start(self):
        """Begin to claim; what an earlier incarnation left is removed."""
        workdir = os.path.join(self.conf.worker.workdir, self.name)
        shutil.rmtree(workdir, ignore_errors=True)
        os.makedirs(workdir, mode=0o700)
        self._unplug()
        self.metrics_server.start()
        self.heartbeat.start()
        for thread in self._helpers:
            thread.start()

    def _unplug(self):
        if self.conf.worker.probe_plugging == 'none':
            return
        try:
            plugging.clean(self.conf.worker)
        except (OSError, subprocess.SubprocessError) as error:
            LOG.warning('What was left plugged stays so: %s', error)

    def stop(self):
        """Give back all leases at their checkpoints and end."""
        self._stopping.set()
        self._wake.set()
        for work in self.works():
            work.order('release')
        deadline = time.monotonic() + STOP_PATIENCE
        self._join(deadline)
        for work in self.works():
            # Nobody answers, or a driver is stuck: the lease will expire.
            work.order('lost')
        self._join(deadline + LAST_PATIENCE)
        self.heartbeat.stop()
        self.metrics_server.stop()

    def _join(self, deadline):
        for thread in [*self._helpers, *self._threads]:
            thread.join(max(0, deadline - time.monotonic()))

    def wake(self):
        """Look for work now."""
        self._wake.set()

    def works(self):
        """Return the works that are running."""
        with self._lock:
            return list(self._works.values())

    def describe(self):
        """Return what conductors are told of this worker."""
        kinds = [work.kind for work in self.works()]
        return {
            'name': self.name,
            'incarnation': self.incarnation,
            'slots': self._slots,
            'used': kinds.count('migration'),
            'discoveries': kinds.count('source') + kinds.count('assessment'),
            'version': version.version_info.version_string(),
            'transports': list(self.conf.worker.transports),
            'load': {'cpu': os.getloadavg()[0]},
            'facts': self.facts,
        }

    def _claim(self):
        idle = IDLE_FIRST
        while not self._stopping.is_set():
            if self._claim_one():
                idle = IDLE_FIRST
                continue
            if self._wake.wait(idle):
                self._wake.clear()
                idle = IDLE_FIRST
            idle = min(idle * 1.5, IDLE_LAST)

    def _claim_one(self):
        about = self.describe()
        if (
            about['used'] >= self._slots
            and about['discoveries'] >= DISCOVERIES
        ):
            return False
        sent_at = self.clock()
        try:
            lease = self.conductor.claim(self._context, worker=about)
        except Exception as error:
            LOG.warning('No conductor answered the claim: %s', error)
            return False
        if lease:
            self._launch(lease, sent_at)
        return bool(lease)

    def _launch(self, lease, sent_at):
        work = self._enter(lease, sent_at)
        thread = threading.Thread(
            target=self._lead,
            args=(work,),
            name=f'lease-{lease["id"]}',
            daemon=True,
        )
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def _enter(self, lease, sent_at):
        work = worker_work.Work(
            lease,
            conf=self.conf,
            conductor=self.conductor,
            worker=self.name,
            sent_at=sent_at,
            on_save=self.heartbeat.hurry,
            clock=self.clock,
        )
        if self._stopping.is_set():
            work.order('release')
        self.metrics.entered(work)
        with self._lock:
            self._works[work.kind, work.id] = work
        return work

    def _lead(self, work):
        """Run a lease, and those that its end brings, in this thread."""
        try:
            while work:
                sent_at, lease = self._run(work)
                self._leave(work)
                work = lease and self._enter(lease, sent_at)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
            self._wake.set()

    def _leave(self, work: worker_work.Work):
        with self._lock:
            if self._works.get((work.kind, work.id)) is work:
                del self._works[work.kind, work.id]

    def _run(self, work):
        """Run one step; return when its end was told, and the answer."""
        work.context.update_store()
        started = self.clock()
        event, spent = 'lost', None
        try:
            with work.directory():
                event, error = run_step(work)
                ship_last(work)
            spent = round(self.clock() - started, 3)
            timings = work.checkpoint.setdefault('timings', {})
            timings[work.step] = timings.get(work.step, 0) + spent
            told_at = self.clock()
            lease = work.finish(event, error, self._wants_more, self.describe)
            return told_at, lease
        except exceptions.LeaseLost:
            LOG.warning('The lease on %s is lost; leaving it', work.id)
        except Exception:
            LOG.exception('Step %s of %s was not ended', work.step, work.id)
        finally:
            self.metrics.left(work, event, spent or self.clock() - started)
        return None, None

    def _wants_more(self):
        return not self._stopping.is_set()

    def _ship(self):
        while not self._stopping.wait(LOG_INTERVAL):
            for work in self.works():
                try:
                    work.logs.ship()
                except Exception as error:
                    LOG.debug('Log of %s not shipped: %s', work.id, error)


class Hints:
    """What conductors and APIs cast to all workers."""

    def __init__(self, manager):
        self._manager = manager

    def wake(self, context):
        self._manager.wake()

    def stop(self, context, ids):
        """Ask for the orders of these leases now, if they are ours."""
        if any(work.id in ids for work in self._manager.works()):
            self._manager.heartbeat.hurry()


def run_step(work):
    """Run the step of a lease; return the event and the error, or None.

    :raises LeaseLost: nothing may be told any more.
    """
    try:
        return function_of(work)(work) or 'done', None
    except exceptions.LeaseLost:
        raise
    except exceptions.Cancelled:
        return 'cancel', None
    except exceptions.Released:
        return 'release', None
    except Exception as error:
        work.check_lease()
        return 'fail', describe_error(work, error)


def function_of(work):
    """Return the function that carries out the step of a lease."""
    if work.kind == 'source':
        return discover.run
    if work.kind == 'assessment':
        return assess.run
    if work.conf.worker.destination == 'fake' and work.step in pretend.STEPS:
        return pretend.STEPS[work.step]
    return registry.STEPS[work.step]


def ship_last(work):
    """Send the end of the logs; a log is not worth a failed step."""
    try:
        work.logs.ship(final=True)
    except exceptions.LeaseLost:
        raise
    except Exception:
        LOG.exception('The logs of %s were not sent', work.id)


def describe_error(work, error):
    """Return an error as the conductor stores it."""
    if not isinstance(error, exceptions.MigrateError):
        LOG.error('Step %s of %s failed', work.step, work.id, exc_info=error)
        error = exceptions.StepFailed(
            f'The step {work.step} failed unexpectedly '
            f'({type(error).__name__}); the log of the worker says more.'
        )
    LOG.warning('Step %s of %s failed: %s', work.step, work.id, error)
    retryable = bool(getattr(error, 'retryable', False))
    unfit = bool(getattr(error, 'unfit', False))
    return error.to_dict() | {'retryable': retryable, 'unfit': unfit}
