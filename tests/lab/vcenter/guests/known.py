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

"""The file whose hash a guest prints, to prove that its data arrived."""

import hashlib
import pathlib
import random

NAME = 'known.bin'
SIZE = 8 << 20


def content() -> bytes:
    """The same bytes at every call: 8 MiB that do not compress."""
    return random.Random('migrate-lab').randbytes(SIZE)  # noqa: S311


def write(folder: pathlib.Path) -> None:
    """Put the file into ``folder``."""
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_bytes(content())


def sha256() -> str:
    """What the guest prints when nothing was lost."""
    return hashlib.sha256(content()).hexdigest()
