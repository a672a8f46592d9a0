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

"""Re-read targets and compare them with the hashes of the source."""

import dataclasses

from migrate_service.transfer import manifest
from migrate_service.transfer import ranges
from migrate_service.transfer import sinks
from migrate_service.transfer import transports


@dataclasses.dataclass
class VerifyJob:
    """One target to verify.

    :param key: name of the disk in reports and errors.
    :param size: bytes of the source disk.
    :param sink: the target.
    :param hashes: the manifest of the copy; regions that were unknown and
        could be read from ``export`` are filled in place.
    :param export: the frozen source, to settle regions without a hash (a
        delta leaves such); None leaves them unknown.
    """

    key: str
    size: int
    sink: sinks.Sink
    hashes: manifest.Manifest
    export: transports.Export | None = None


@dataclasses.dataclass(frozen=True)
class VerifyResult:
    """What verification found for one disk.

    :param checked: bytes of the target that were compared.
    :param mismatches: ranges where the target differs, whole regions, plus
        the part of the tail that is not zero; copy them again with
        ``DiskJob(extents=list(mismatches), rest='keep')``.
    :param unknown: regions that could not be compared for want of a hash.
    """

    checked: int
    mismatches: ranges.Ranges
    unknown: int


def verify(
    jobs, *, mode, workdir, report, check, rate=None, sample=64, seed=None
):
    """Re-read the targets past the page cache and compare.

    :param jobs: list of :class:`VerifyJob`.
    :param mode: ``full`` (every region, that zeros are zero, the tail) or
        ``sample`` (``sample`` regions of each disk, chosen at random by
        ``seed``, and always the first and the last one).
    :param report: called as ``report(key, copy.DiskProgress)``.
    :param check, rate, workdir: as for :func:`copy.copy`.
    :returns: ``{key: VerifyResult}``; a mismatch is a result, no error.
    """
    raise NotImplementedError
