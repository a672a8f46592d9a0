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
"""All checks of a conversion node, in the order they are shown."""

from migrate_service.node import acceleration
from migrate_service.node import capacity
from migrate_service.node import findings
from migrate_service.node import reach
from migrate_service.node import tools


def run(conf, sources=()):
    """Yield the :class:`findings.Finding` of every check.

    :param sources: ``HOST[:PORT]`` of vCenters to be reached.
    """
    yield acceleration.check()
    yield from tools.check(conf.worker.transports)
    yield from capacity.check(conf, conf.worker.slots or capacity.slots())
    yield from reach.check(conf, sources)


def facts(conf, kvm):
    """Return what the worker tells of its node, for administrators.

    :param kvm: the finding of :func:`acceleration.settle`.
    :returns: ``accelerator`` (``kvm`` or ``tcg``) and ``problems``, a list
        of ``{check, status, detail, remedy}`` of all that is not well.
    """
    found = [
        kvm,
        *tools.check(conf.worker.transports),
        *capacity.check(conf, conf.worker.slots or capacity.slots()),
    ]
    return {
        'accelerator': 'kvm' if kvm.status == findings.OK else 'tcg',
        'problems': [
            vars(finding) for finding in found if finding.status != findings.OK
        ],
    }
