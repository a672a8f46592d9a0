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
"""The only step of an assessment: judge machines, and create nothing."""

import contextlib
import datetime
import logging

from migrate_service import exceptions
from migrate_service import inventory
from migrate_service import prediction
from migrate_service.concerns import facts
from migrate_service.concerns import registry
from migrate_service.concerns import sizing
from migrate_service.drivers import errors
from migrate_service.worker import totals

LOG = logging.getLogger(__name__)


def run(work):
    """Judge the machines page by page; the trust ends with the last one.

    After a failure that passes by itself the trust is needed again; should
    nobody come back, Keystone lets it expire.
    """
    try:
        work.result['totals'] = _judge(work)
    except (exceptions.LeaseLost, exceptions.Released):
        raise
    except Exception as error:
        if not getattr(error, 'retryable', False):
            _end_trust(work)
        raise
    _end_trust(work)


@contextlib.contextmanager
def node_facts(work, opened=None):
    """Give a function that returns ``facts.Node`` for a machine.

    :param opened: a session with the source, if there is one already.
    """
    enabled = tuple(work.conf.worker.transports)
    with contextlib.ExitStack() as stack:
        try:
            source = opened or stack.enter_context(work.open_source())
            skew = _skew(source)
        except errors.DriverError as error:
            failed = facts.Node(error=error.to_dict(), enabled=enabled)
            yield lambda machine: failed
            return
        yield lambda machine: facts.Node(
            possible=tuple(source.transports(machine)),
            enabled=enabled,
            skew=skew,
        )


def _judge(work):
    source = facts.Source(**work.lease['facts'])
    with work.open_destination() as destination:
        target = destination.facts(work.options)
    summed = totals.Totals(target, work.lease['rates'])
    share = facts.Share()
    position = 0
    with node_facts(work) as node_of:
        for page in work.assessed_machines():
            results = []
            for data in page:
                work.check()
                machine = inventory.Machine.from_dict(data)
                about = facts.Facts(
                    machine=machine,
                    kind=work.lease['migration_kind'],
                    options=work.options,
                    source=source,
                    node=node_of(machine),
                    target=target,
                    share=share,
                )
                result = _result(about, position, work.lease['rates'])
                if not registry.blocking(result['concerns']):
                    sizing.take(share, about)
                summed.add(about, result)
                results.append(result)
                position += 1
            work.send_assessment(results)
    return summed.to_dict()


def _result(about, position, rates):
    """Return what the API shows of one machine."""
    machine = about.machine
    found = registry.find(about)
    return {
        'machine_id': machine.key,
        'name': machine.name,
        'position': position,
        'severity': found[0]['severity'] if found else None,
        'concerns': found,
        'flavor': _flavor(about),
        'volumes': [
            {
                'disk': disk.key,
                'label': disk.label,
                'gibibytes': size,
                'volume_type': name,
            }
            for disk, size, name in sizing.volumes(about)
        ],
        'size': sum(disk.size for disk in machine.disks),
        'prediction': prediction.predict(machine, about.kind, rates),
    }


def _flavor(about):
    flavor = sizing.flavor(about)
    return flavor and {
        'id': flavor.id,
        'name': flavor.name,
        'vcpus': flavor.vcpus,
        'memory_mib': flavor.ram,
        'waste': sizing.waste(flavor, about.machine),
    }


def _skew(source):
    """Return how many seconds the clock of the source is ahead, or None."""
    moment = source.moment()
    if moment is None:
        return None
    there = datetime.datetime.fromisoformat(moment)
    if there.tzinfo is None:
        there = there.replace(tzinfo=datetime.UTC)
    here = datetime.datetime.now(datetime.UTC)
    return (there - here).total_seconds()


def _end_trust(work):
    """Delete the trust; what fails is left to expire."""
    try:
        with work.open_destination() as destination:
            destination.remove(
                'trust',
                resource_id=work.lease['trust_id'],
                owner=work.id,
                key='trust',
            )
    except errors.DriverError as error:
        LOG.warning('The trust of %s was not deleted: %s', work.id, error)
