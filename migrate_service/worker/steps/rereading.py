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


"""Compare the targets with the hashes of the source, and mend them once."""

import dataclasses
import logging

from migrate_service import exceptions
from migrate_service.transfer import copy
from migrate_service.transfer import manifest
from migrate_service.transfer import verify
from migrate_service.worker.steps import ends

#: Trust no recorded hash: read both sides.
SOURCE = 'source'

LOG = logging.getLogger(__name__)


class VerifyFailed(exceptions.StepFailed):
    code = 'transfer.verify_failed'
    title = 'Verification failed'
    template = (
        '%(disk)s still differs from its source in %(size)s bytes after '
        'they were copied again.'
    )
    remedy = (
        'Check the volume back end and the network of the conversion node '
        'for corruption, then cancel and create a new migration.'
    )


def compare_and_mend(work, sinks, *, mode):
    """Make the targets equal to the source again; return the results.

    :param sinks: ``{disk key: Sink}``.
    :param mode: ``sample`` or ``full``, as for ``transfer.verify``, or
        ``source``: all of the source is read again, too.
    :returns: ``{disk key: (VerifyResult, Manifest)}``, all without mismatch.
    :raises VerifyFailed: a target differs although it was copied again.
    """
    hashes = {
        disk.key: manifest.Manifest(
            disk.size, None if mode == SOURCE else work.manifest(disk.key)
        )
        for disk in ends.machine_of(work).disks
    }
    if any(entry.unknown() for entry in hashes.values()):
        results = _verify_with_source(work, sinks, hashes, mode)
    else:
        results = _verify(work, sinks, hashes, mode)
    wrong = {key for key, result in results.items() if result.mismatches}
    if wrong:
        LOG.warning('%s: the disks %s are copied again', work.id, wrong)
        if mode != SOURCE:
            _warn(work, results)
        _copy_again(work, sinks, hashes, results, wrong)
        results |= _verify(
            work, sinks, {key: hashes[key] for key in wrong}, 'full'
        )
        _refuse_mismatch(work, results)
    return {key: (result, hashes[key]) for key, result in results.items()}


def _warn(work, results):
    """Tell whose target was wrong: its back end is to be looked at."""
    for disk in ends.machine_of(work).disks:
        wrong = results[disk.key].mismatches
        if wrong:
            work.warnings.append(
                f'Verification found that the target of {disk.label} '
                f'differed from its source within {wrong.total} bytes; they '
                f'were copied again. Check the volume back end.'
            )


def _verify_with_source(work, sinks, hashes, mode):
    """Verify where a delta left regions without a hash; keep the new ones."""
    with work.open_source() as source:
        ends.check_off(work, source)
        with ends.exported(work, source) as exports:
            results = _verify(work, sinks, hashes, mode, exports)
        ends.check_off(work, source)
    for key, entry in hashes.items():
        chunks = {index: entry.chunk(index) for index in range(entry.chunks)}
        work.store_manifest(key, chunks)
    return results


def _verify(work, sinks, hashes, mode, exports=None):
    jobs = [
        verify.VerifyJob(
            key=key,
            size=entry.size,
            sink=sinks[key],
            hashes=entry,
            export=exports and exports[key],
        )
        for key, entry in hashes.items()
    ]
    return verify.verify(
        jobs,
        mode='full' if mode == SOURCE else mode,
        workdir=work.workdir,
        report=lambda key, state: None,
        check=work.check,
    )


def _copy_again(work, sinks, hashes, results, wrong):
    """Copy what differs; the target holds bytes there, so zeros count."""

    def report(key, state):
        if state.checkpoint:
            work.store_manifest(key, state.checkpoint.chunks)

    with work.open_source() as source:
        ends.check_off(work, source)
        with ends.exported(work, source, wrong) as exports:
            jobs = [
                copy.DiskJob(
                    key=key,
                    export=exports[key],
                    sink=dataclasses.replace(sinks[key], zeroed=False),
                    extents=list(results[key].mismatches),
                    rest='keep',
                    hashes=hashes[key],
                )
                for key in sorted(wrong)
            ]
            copy.copy(
                jobs,
                workdir=work.workdir,
                report=report,
                check=work.check,
                rate=work.options.get('bandwidth_limit'),
            )
        ends.check_off(work, source)


def _refuse_mismatch(work, results):
    for disk in ends.machine_of(work).disks:
        left = results[disk.key].mismatches
        if left:
            raise VerifyFailed(disk=disk.label, size=left.total)
