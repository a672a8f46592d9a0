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

"""What a project may use: limits registered in Keystone, by oslo.limit.

Keystone knows the limits, our database what is used. A resource that has no
registered limit is unlimited.
"""

import contextlib
import dataclasses
import typing

from keystoneauth1 import exceptions as keystone_errors
from openstack import exceptions as sdk_errors
from oslo_limit import exception as oslo_limit_errors
from oslo_limit import limit
from oslo_log import log as logging

from migrate_service import limit_errors
from migrate_service.db.api import usage

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Resource:
    """What can be limited: its name in Keystone, its unit, a phrase."""

    name: str
    unit: str
    what: str


#: Every resource, by what ``usage`` calls it.
RESOURCES = {
    resource.name: resource
    for resource in (
        Resource(usage.ACTIVE, 'migrations', 'migrations that have not ended'),
        Resource(usage.PLANNED, 'machines', 'machines in plans'),
        Resource(
            usage.IN_FLIGHT,
            'GiB',
            'GiB of the disks of migrations that have not ended',
        ),
        Resource(
            usage.PER_DAY,
            'GiB',
            'GiB of the disks of migrations created in the last 24 hours',
        ),
    )
}
#: What Keystone and the way to it may fail with.
FAILURES = (
    oslo_limit_errors.SessionInitError,
    keystone_errors.ClientException,
    sdk_errors.SDKException,
    # A model of enforcement that oslo.limit does not have yet.
    NotImplementedError,
    ValueError,
)


def of_disks(disks):
    """Return the GiB of disks, each rounded up as a volume of it is.

    :param disks: dicts with ``size``, in bytes.
    """
    return sum(-(-disk['size'] // 2**30) for disk in disks)


class Limits:
    """The limits of all projects.

    :param conf: ConfigOpts.
    """

    def __init__(self, conf):
        self._conf = conf.limits
        # oslo.limit reads a global ConfigOpts; ours are not global.
        limit.CONF = conf

    def of_project(self, context, project_id=None):
        """Return the limits of a project, for one request.

        They are read once, so that what was created can be checked again
        without another word with Keystone.

        :param project_id: that of the context by default.
        :raises LimitsUnavailable: Keystone does not tell.
        """
        enforcer, known = None, {}
        project_id = project_id or context.project_id
        if self._conf.enabled:
            with _keystone():
                enforcer, known = _read(context, project_id)
        return ProjectLimits(
            context, project_id, enforcer, known, self._conf.soft_percent
        )


class ProjectLimits:
    """The limits of one project, as they were when a request came.

    :param enforcer: oslo.limit's; None when nothing is limited.
    :param known: ``{name: limit}`` of the resources that have one.
    :param soft: from how many percent on there is a notice.
    """

    def __init__(self, context, project_id, enforcer, known, soft):
        self._context = context
        self._project_id = project_id
        self._enforcer = enforcer
        self._limits = {
            name: bound for name, bound in known.items() if bound >= 0
        }
        self._soft = soft

    def enforce(self, wanted):
        """Refuse what would go beyond a limit.

        :param wanted: ``{name: how much more}``; 0 asks whether what is used
            already is too much, as when others were as fast.
        :raises LimitExceeded: with the figures.
        :raises LimitsUnavailable: Keystone does not tell.
        """
        deltas = {
            name: more for name, more in wanted.items() if name in self._limits
        }
        if not deltas:
            return
        try:
            with _keystone():
                self._enforcer.enforce(self._project_id, deltas)
        except oslo_limit_errors.ProjectOverLimit as error:
            reasons = map(_reason, error.over_limit_info_list)
            raise limit_errors.LimitExceeded(
                reason=' '.join(reasons)
            ) from None

    def show(self):
        """Return limit and use of each resource, as the API shows them.

        ``limit``, ``soft_limit`` and ``notice`` are None where there is none.
        """
        used = usage.of_project(self._context, self._project_id)
        return [
            self._entry(resource, used[name])
            for name, resource in RESOURCES.items()
        ]

    def notices(self, wanted):
        """Return a sentence for each resource that runs low with ``wanted``.

        :param wanted: ``{name: how much more}`` is about to be used.
        """
        if not self._limits.keys() & wanted.keys():
            return []
        used = usage.of_project(self._context, self._project_id)
        entries = [
            self._entry(RESOURCES[name], used[name] + more)
            for name, more in wanted.items()
        ]
        return [entry['notice'] for entry in entries if entry['notice']]

    def _entry(self, resource, used):
        bound = self._limits.get(resource.name)
        soft = None if bound is None else -(-bound * self._soft // 100)
        notice = None
        if bound is not None and used >= soft:
            notice = (
                f'The project uses {used} of {bound} {resource.what} '
                f'({resource.name}).'
            )
        return {
            'name': resource.name,
            'unit': resource.unit,
            'limit': bound,
            'soft_limit': soft,
            'used': used,
            'notice': notice,
        }


def _read(context, project_id):
    """Return an enforcer, and ``{name: limit}`` of what is registered."""
    enforcer = limit.Enforcer(
        lambda project_id, names: usage.of_project(context, project_id)
    )
    # None is all of them, which its annotation does not tell.
    everything: typing.Any = None
    registered = dict(enforcer.get_registered_limits(everything))
    known = [name for name in RESOURCES if name in registered]
    found = enforcer.get_project_limits(project_id, known)
    return enforcer, dict(found)


@contextlib.contextmanager
def _keystone():
    """Say of what goes wrong with Keystone that it does."""
    try:
        yield
    except FAILURES as error:
        LOG.warning('Limits were not read: %s', error)
        raise limit_errors.LimitsUnavailable(
            reason=f'{type(error).__name__}.'
        ) from error


def _reason(info):
    """Return the sentence on one limit, with its figures."""
    resource = RESOURCES[info.resource_name]
    return (
        f'{resource.name} is {info.limit} {resource.unit}, '
        f'{info.current_usage} are used and {info.delta} more were asked '
        f'for ({resource.what}).'
    )
