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
"""The digest of a disk file, computed apart from the engine under test."""

import blake3

from migrate_service.transfer import manifest


def of_file(path):
    """Return the digest that ``Manifest.digest`` gives for this content."""
    hashes = bytearray()
    size = 0
    with open(path, 'rb') as disk:
        while region := disk.read(manifest.REGION):
            size += len(region)
            blank = region.count(0) == len(region)
            hashes += (
                manifest.ZERO if blank else blake3.blake3(region).digest()
            )
    head = f'migrate-manifest-1 {manifest.REGION} {size}\n'.encode()
    return blake3.blake3(head + hashes).hexdigest()
