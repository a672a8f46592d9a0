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


"""Which transport reads the disks: the one asked for, or the best there is.

What was chosen and why is in ``progress['transport']``. Which transports
there are depends on the node, so it is decided on each: a choice that was
made elsewhere is kept where it can be.
"""

import functools

from oslo_log import log as logging

from migrate_service import exceptions
from migrate_service.transfer import errors as transfer_errors
from migrate_service.transfer import trial
from migrate_service.worker.steps import ends
from migrate_service.worker.steps import suitability

LOG = logging.getLogger(__name__)

AUTO = 'auto'
#: A trial is worth its time for machines of so many bytes.
WORTH = 1024**3
#: How many times faster another one must be to win over a preferred one.
FASTER = 1.2
#: The source could not be read; it may be by another transport.
FAILURES = (
    transfer_errors.SourceReadFailed,
    transfer_errors.TransportFailed,
)


def choose(work, source, machine, *, warm):
    """Store a transport that can read the machine on this node.

    :param machine: ``inventory.Machine``.
    :param warm: it is read while it runs.
    :raises TransportUnavailable: there is none, with all reasons.
    """
    usable = _usable(work, source, machine, warm)
    chosen = work.checkpoint.get('transport')
    if _wanted(work) != AUTO or chosen not in usable:
        chosen = usable[0]
        reason = 'it was asked for'
        if _wanted(work) == AUTO:
            reason = 'it is the first that can be used'
        _tell(work, chosen, reason)
    work.checkpoint['transport'] = chosen


def reading(work, source, function, *, disks=None):
    """Return ``function(exports)`` with all disks opened.

    When a transport fails, though the source answers, the next one goes on:
    ``function`` is called again, and finds what is done in the checkpoint.

    :param disks: as for :func:`ends.exported`.
    :raises TransferFailed, TransportFailed: of the last transport.
    """
    machine = ends.machine_of(work)
    choose(work, source, machine, warm=_is_warm(work))
    _try_all(work, source, machine, disks)
    failed: set[str] = set()
    while True:
        try:
            with ends.exported(work, source, disks=disks) as exports:
                return function(exports)
        except FAILURES as error:
            failed.add(work.checkpoint['transport'])
            _fall_back(work, source, machine, failed, error)


def _wanted(work):
    return work.options.get('transport') or AUTO


def _is_warm(work):
    return 'warm' in work.checkpoint


def _usable(work, source, machine, warm):
    """Return the transports that may be used, best first, at least one."""
    possible = source.transports(machine)
    reasons = source.unavailable(machine)
    if warm:
        possible = [
            name for name in possible if name not in suitability.COLD_ONLY
        ]
        for name in suitability.COLD_ONLY:
            reasons.setdefault(name, 'it reads machines that are off only')
    enabled = work.conf.worker.transports
    for name in possible:
        if name not in enabled:
            reasons[name] = 'it is not enabled on this node'
    _view(work)['unavailable'] = [
        {'transport': name, 'reason': reasons[name]}
        for name in sorted(reasons)
    ]
    return suitability.usable_transports(
        machine,
        possible=possible,
        enabled=enabled,
        wanted=_wanted(work),
        reasons=reasons,
    )


def _try_all(work, source, machine, disks):
    """Read a little by each, once in a migration, and choose the fastest."""
    usable = _usable(work, source, machine, _is_warm(work))
    size = sum(disk.size for disk in machine.disks)
    if work.checkpoint.get('transports_tried') or size < WORTH:
        return
    work.checkpoint['transports_tried'] = True
    if len(usable) < 2:
        return
    rates = {
        name: rate
        for name in usable
        if (rate := _try(work, source, machine, disks, name)) is not None
    }
    if not rates:
        return
    chosen = functools.reduce(
        lambda best, name: (
            name if rates[name] > FASTER * rates[best] else best
        ),
        rates,
    )
    work.checkpoint['transport'] = chosen
    _tell(work, chosen, 'it was the fastest in a trial')
    work.save()


def _try(work, source, machine, disks, name):
    """Return the bytes a second of one transport, None when it fails."""
    largest = max(disks or machine.disks, key=lambda disk: disk.size)
    try:
        with ends.exported(
            work, source, {largest.key}, disks, transport=name
        ) as exports:
            rate = trial.rate(
                exports[largest.key],
                key=largest.key,
                check=work.check,
                limit=ends.limit(work),
            )
    except FAILURES as error:
        _note(work, name, None, error)
        return None
    _note(work, name, rate, None)
    return rate


def _fall_back(work, source, machine, failed, error):
    """Choose another transport than those that failed, or raise ``error``.

    :raises DriverError: the source itself does not answer.
    """
    name = work.checkpoint['transport']
    _note(work, name, None, error)
    if _wanted(work) != AUTO:
        raise error
    source.power_state(work.machine_id)
    left = [
        other
        for other in _usable(work, source, machine, _is_warm(work))
        if other not in failed
    ]
    if not left:
        raise error
    LOG.warning(
        '%s: the transport %s failed, %s goes on: %s',
        work.id,
        name,
        left[0],
        error,
    )
    work.checkpoint['transport'] = left[0]
    _tell(work, left[0], f'{name} failed')


def _view(work):
    return work.progress.setdefault(
        'transport',
        {'chosen': None, 'reason': None, 'tried': [], 'unavailable': []},
    )


def _tell(work, chosen, reason):
    _view(work).update(chosen=chosen, reason=reason)


def _note(work, name, rate, error):
    """Add what came of using a transport; the last of each is kept."""
    view = _view(work)
    entry = {'transport': name, 'rate': rate, 'error': None}
    if error is not None:
        entry['error'] = str(error)
        if not isinstance(error, exceptions.MigrateError):
            entry['error'] = type(error).__name__
    tried = [one for one in view['tried'] if one['transport'] != name]
    view['tried'] = [*tried, entry]
