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
"""What one look at a conversion node finds."""

import dataclasses

OK = 'ok'
WARNING = 'warning'
FAILED = 'failed'


@dataclasses.dataclass(frozen=True)
class Finding:
    """The answer of one check.

    :param check: its stable name, such as ``kvm``.
    :param status: ``ok``; ``warning``: the node works without it, slower or
        for fewer machines; ``failed``: it cannot do its work.
    :param detail: what was found, a sentence.
    :param remedy: what to do; None when all is well.
    """

    check: str
    status: str
    detail: str
    remedy: str | None = None


def ok(check, detail):
    return Finding(check, OK, detail)


def warning(check, detail, remedy):
    return Finding(check, WARNING, detail, remedy)


def failed(check, detail, remedy):
    return Finding(check, FAILED, detail, remedy)


def need(found, check, present, absent, remedy):
    """Return ``ok`` with ``present`` if ``found``, else ``failed``."""
    if found:
        return ok(check, present)
    return failed(check, absent, remedy)
