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

"""What workers and the API may ask of a conductor."""

from migrate_service import rpc


class ConductorAPI:
    """A client of the conductors. Contexts say who asks.

    A *worker* in the arguments is its name; ``attempt`` is the fencing
    token of the lease: each call of a former holder raises ``LeaseLost``.
    """

    def __init__(self, bus):
        self.client = rpc.client(bus, rpc.CONDUCTOR_TOPIC)

    def wake(self, context):
        """Hint that there may be something to do; may get lost."""
        self.client.cast(context, 'wake')

    def claim(self, context, worker):
        """Return a lease (a dict), or None.

        :param worker: ``{'name', 'incarnation', 'slots', 'used',
            'discoveries', 'version', 'transports', 'load'}``.
        """
        return self.client.call(context, 'claim', worker=worker)

    def heartbeat(self, context, worker, leases):
        """Renew leases and store their progress and checkpoints.

        :param worker: as for :meth:`claim`.
        :param leases: list of ``{'kind', 'id', 'attempt', 'progress',
            'checkpoint', 'manifest'}``; a checkpoint of None is unchanged,
            ``manifest`` is ``{disk: {chunk number: base64}}``.
        :returns: ``{'leases': [{'kind', 'id', 'order'}]}`` with the order
            ``lost``, ``cancel`` or ``release`` for those that need one.
        """
        return self.client.call(
            context, 'heartbeat', worker=worker, leases=leases
        )

    def finish(
        self, context, worker, kind, id, attempt, event, checkpoint, **outcome
    ):
        """End a lease, and return the next one or None.

        :param event: ``done``, ``wait``, ``fail``, ``cancel``, ``release``.
        :param outcome: ``progress``, ``result``, ``error``, ``warnings``,
            ``more_claims``.
        :raises LeaseLost: the lease was given to somebody else.
        """
        return self.client.call(
            context,
            'finish',
            worker=worker,
            kind=kind,
            id=id,
            attempt=attempt,
            event=event,
            checkpoint=checkpoint,
            **outcome,
        )

    def record(self, context, worker, id, attempt, entry):
        """Write an entry of the ledger.

        :param entry: ``{'kind', 'key', 'state', 'resource_id',
            'details'}``.
        """
        self.client.call(
            context,
            'record',
            worker=worker,
            id=id,
            attempt=attempt,
            entry=entry,
        )

    def log(self, context, worker, id, attempt, step, tool, text):
        """Append at most 64 KiB of text to the log of a tool."""
        self.client.call(
            context,
            'log',
            worker=worker,
            id=id,
            attempt=attempt,
            step=step,
            tool=tool,
            text=text,
        )

    def evidence(self, context, worker, id, attempt, evidence):
        """Keep what a rehearsal found out.

        :param evidence: any of ``console`` (text), ``result``, ``timings``.
        """
        self.client.call(
            context,
            'evidence',
            worker=worker,
            id=id,
            attempt=attempt,
            evidence=evidence,
        )

    def manifest(self, context, worker, id, attempt, disk):
        """Return the stored manifest of a disk: ``{chunk: base64}``."""
        return self.client.call(
            context,
            'manifest',
            worker=worker,
            id=id,
            attempt=attempt,
            disk=disk,
        )

    def assessment_machines(self, context, worker, id, attempt, start):
        """Return ``{'machines': [dict], 'next'}`` of an assessment.

        :param start: 0, or ``next`` of the page before; None is the end.
        """
        return self.client.call(
            context,
            'assessment_machines',
            worker=worker,
            id=id,
            attempt=attempt,
            start=start,
        )

    def assessed(self, context, worker, id, attempt, results):
        """Store what was found about a page of machines.

        :param results: dicts as the API shows them, with ``position``.
        """
        self.client.call(
            context,
            'assessed',
            worker=worker,
            id=id,
            attempt=attempt,
            results=results,
        )

    def inventory(self, context, worker, source_id, attempt, items):
        """Store a page of the inventory of a source.

        :param items: ``{'machines': [], 'networks': [],
            'datastores': []}``, at most 200 items.
        """
        self.client.call(
            context,
            'inventory',
            worker=worker,
            source_id=source_id,
            attempt=attempt,
            items=items,
        )
