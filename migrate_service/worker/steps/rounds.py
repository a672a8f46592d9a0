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


"""What the targets of a warm migration hold, and the delta that is missing.

The checkpoint ``warm`` says it:

* ``content``: which frozen state was copied last: a snapshot, or the machine
  that is off. ``settled``: that copy is complete. ``whole``: at least one
  copy of everything was completed.
* ``since``: change id of each disk that the targets were settled at.
* ``trusted``: the source's word on what changed was never found wrong.
* ``methods``: how each disk is being copied.
* ``last``: what was copied from the machine that is off, after ``since``.
* ``dirty``: what is to be copied, whatever the source tells: its server, or
  the last copy, wrote it, and the machine was started again.
* ``grown``: from where on nothing was ever copied, of disks that grew.

The hashes of the manifest tell what the targets hold. A region that is about
to be written is forgotten there, durably, before the first byte: whoever
compares after a crash copies it again.
"""

import copy as stdcopy
import dataclasses
import typing

from oslo_log import log as logging

from migrate_service.drivers import errors
from migrate_service.transfer import compare
from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import verify
from migrate_service.worker.steps import copying
from migrate_service.worker.steps import ends

LOG = logging.getLogger(__name__)

FULL = 'full'
CHANGED = 'changed'
COMPARED = 'compared'
#: Regions of each disk that are looked at to find out whether the source
#: keeps changes back.
SPOTS = 8
FRESH: dict[str, typing.Any] = {
    'content': None,
    'settled': True,
    'whole': False,
    'since': {},
    'trusted': True,
    'methods': {},
    'last': {},
    'dirty': {},
    'grown': {},
}


def state_of(work):
    """Return the checkpoint ``warm``, made when it is missing."""
    state = work.checkpoint.setdefault('warm', {})
    for name, value in FRESH.items():
        if name not in state:
            state[name] = stdcopy.deepcopy(value)
    return state


def copy(work, source, sinks, exports, frozen, *, content):
    """Bring all targets to one frozen content; return bytes by disk.

    :param frozen: ``drivers.base.Snapshot``, or None for the machine that
        is off.
    :param content: names the frozen content, for a later attempt.
    :returns: ``{disk key: (method, bytes)}``.
    """
    state = state_of(work)
    resumed = state['content'] == content and not state['settled']
    if not resumed and not state['settled']:
        # What the copy that was broken off wrote is counted nowhere.
        work.checkpoint.pop('plan', None)
    methods = _methods(work, state, resumed)
    disks = frozen.disks if frozen else ends.machine_of(work).disks
    hashes = {disk.key: _hashes(work, state, disk) for disk in disks}
    areas = _told(work, source, disks, frozen, methods)
    areas |= _compared(work, sinks, exports, hashes, methods)
    _add_dirty(state, disks, areas)
    if not frozen:
        state['last'] = {key: area.to_json() for key, area in areas.items()}
    copied = work.checkpoint.get('copied', {}) if resumed else {}
    work.checkpoint['copied'] = {
        key: done for key, done in copied.items() if methods[key] != COMPARED
    }
    state.update(content=content, settled=False, methods=methods)
    _add_grown(state, sinks, disks, areas)
    _forget(work, hashes, areas)
    plans = _plans(work, sinks, disks, areas)
    copying.copy(work, _extended(state, sinks), exports, plans)
    state.update(settled=True, whole=True, dirty={})
    if frozen:
        # Only a snapshot has a change id that later changes count from.
        state['since'] = {disk.key: disk.change_id for disk in disks}
        state['last'] = {}
    # What grew since is not to be asked for across that.
    state['since'] |= dict.fromkeys(state['grown'] if not frozen else ())
    state['grown'] = {}
    work.save()
    return {
        disk.key: (methods[disk.key], _size(disk, areas.get(disk.key)))
        for disk in disks
    }


def missed(work, sinks, exports):
    """Return whether targets differ from the source where they should not.

    Looks at a few regions of each disk on both sides.
    """
    jobs = [
        verify.VerifyJob(
            key=disk.key,
            size=disk.size,
            sink=sinks[disk.key],
            hashes=manifest.Manifest(disk.size),
            export=exports[disk.key],
        )
        for disk in ends.machine_of(work).disks
    ]
    results = verify.verify(
        jobs,
        mode='sample',
        sample=SPOTS,
        workdir=work.workdir,
        report=lambda key, progress: None,
        check=work.check,
    )
    return any(result.mismatches for result in results.values())


def distrust(work, why):
    """Compare from now on, whatever the source says of changes."""
    state = state_of(work)
    if state['trusted']:
        state['trusted'] = False
        work.warnings.append(
            f'{why} The disks are compared in full from now on, which '
            f'reads all of them in each round and in the cutover.'
        )


def _methods(work, state, resumed):
    """Return how each disk is copied, before the source was asked.

    A copy that was broken off may have written anything that changed since:
    from another content on only a comparison finds all of it.
    """
    return {
        disk.key: _method(work, state, resumed, disk.key)
        for disk in ends.machine_of(work).disks
    }


def _method(work, state, resumed, key):
    asked = state['trusted'] and work.options.get('delta') != 'compare'
    if key in state['grown'] and state['whole']:
        return COMPARED
    if resumed and key in state['methods']:
        return state['methods'][key]
    if not state['settled']:
        return COMPARED
    if not state['whole'] or key not in state['since']:
        return FULL
    return CHANGED if asked and state['since'][key] else COMPARED


def _told(work, source, disks, frozen, methods):
    """Return ``{disk key: Ranges}`` that the source tells.

    Where it cannot tell what changed, the method becomes a comparison.
    """
    since = state_of(work)['since']
    areas = {}
    for disk in disks:
        if methods[disk.key] == CHANGED:
            told = _ask(work, source, disk, frozen, since[disk.key])
            if told is None:
                methods[disk.key] = COMPARED
                _warn_of_comparison(work, disk)
            else:
                areas[disk.key] = told
        elif methods[disk.key] == FULL and disk.change_id:
            told = _ask(work, source, disk, frozen, '*')
            if told is not None:
                areas[disk.key] = told
    return areas


def _ask(work, source, disk, frozen, since):
    """Return the areas, or None when nobody can tell."""
    try:
        areas = source.changed_areas(
            work.machine_id, disk, snapshot=frozen, since=since
        )
    except errors.TrackingUnusable as error:
        LOG.warning('%s: %s', work.id, error)
        return None
    whole = ranges.Ranges([(0, disk.size)])
    return ranges.Ranges(areas).intersect(whole)


def _warn_of_comparison(work, disk):
    warning = (
        f'The changes of {disk.label} could not be asked for; the disk was '
        f'compared with its copy instead.'
    )
    if warning not in work.warnings:
        work.warnings.append(warning)


def _compared(work, sinks, exports, hashes, methods):
    """Return what differs of the disks that are to be compared."""
    jobs = [
        verify.VerifyJob(
            key=key,
            size=hashes[key].size,
            sink=sinks[key],
            hashes=hashes[key],
            export=exports[key],
        )
        for key, method in methods.items()
        if method == COMPARED
    ]
    if not jobs:
        return {}
    return compare.differing(
        jobs,
        workdir=work.workdir,
        report=lambda key, progress: None,
        check=work.check,
        rate=work.options.get('bandwidth_limit'),
    )


def _add_dirty(state, disks, areas):
    """Add what is to be copied again, whatever the source tells."""
    for disk in disks:
        dirty = state['dirty'].get(disk.key)
        if dirty and disk.key in areas:
            inside = ranges.Ranges([(0, disk.size)])
            areas[disk.key] = areas[disk.key].union(
                ranges.Ranges(dirty).intersect(inside)
            )


def _hashes(work, state, disk):
    """Return the manifest of a disk; what it grew by has no hashes."""
    chunks = work.manifest(disk.key)
    former = state['grown'].get(disk.key)
    if former is None:
        return manifest.Manifest(disk.size, chunks)
    fitted = manifest.Manifest.fitted(disk.size, chunks, former)
    work.store_manifest(
        disk.key,
        {index: fitted.chunk(index) for index in range(fitted.chunks)},
    )
    return fitted


def _add_grown(state, sinks, disks, areas):
    """Add what a disk grew by: a target may hold anything there."""
    for disk in disks:
        start = state['grown'].get(disk.key)
        if start is not None and areas.get(disk.key) is not None:
            areas[disk.key].add(start, disk.size - start)


def _extended(state, sinks):
    """Return the targets; those that were extended hold no sure zeros."""
    return {
        key: dataclasses.replace(sink, zeroed=False)
        if key in state['grown']
        else sink
        for key, sink in sinks.items()
    }


def _forget(work, hashes, areas):
    """Forget the hashes of what will be written, and store that."""
    copied = work.checkpoint['copied']
    for key, wanted in areas.items():
        done = ranges.Ranges(copied.get(key, []))
        changed = set()
        for start, length in wanted.subtract(done):
            first = start // manifest.REGION
            last = (start + length - 1) // manifest.REGION
            for region in range(first, last + 1):
                hashes[key].set(region, manifest.UNKNOWN)
                changed.add(region // manifest.CHUNK_REGIONS)
        work.store_manifest(
            key, {index: hashes[key].chunk(index) for index in changed}
        )
    work.save()


def _plans(work, sinks, disks, areas):
    """Return the ``copying.Plan`` of each disk.

    The zeros behind a disk that is smaller than its volume come with the
    copy of everything; when that was never completed, with this one.
    """
    state = state_of(work)
    plans = {}
    for disk in disks:
        wanted = areas.get(disk.key)
        if wanted is None:
            plans[disk.key] = copying.Plan()
        elif state['methods'][disk.key] == FULL:
            plans[disk.key] = copying.Plan(list(wanted))
        else:
            tail = sinks[disk.key].size - disk.size
            whole = (
                state['whole']
                and disk.key in state['since']
                and disk.key not in state['dirty']
                and disk.key not in state['grown']
            )
            if not whole and tail:
                wanted.add(disk.size, tail)
            plans[disk.key] = copying.Plan(list(wanted), 'keep')
    return plans


def _size(disk, areas):
    return disk.size if areas is None else areas.total
