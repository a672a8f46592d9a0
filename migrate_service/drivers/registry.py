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

"""Opens the two ends of a migration by the names of their drivers.

A driver is imported when it is first used: a worker needs the libraries of
those that it uses, no others.
"""

import importlib

from migrate_service.drivers import errors

SOURCES = {
    'fake': 'migrate_service.drivers.fake.source',
    'vsphere': 'migrate_service.drivers.vsphere.driver',
}
DESTINATIONS = {
    'fake': 'migrate_service.drivers.fake.destination',
    'openstack': 'migrate_service.drivers.openstack.driver',
}


def open_source(conf, source, password):
    """Return a session with a source, a :class:`drivers.base.Source`.

    :param source: the source as a lease brings it.
    :raises StepFailed: with code and remedy.
    """
    driver = source['driver']
    if driver not in SOURCES:
        raise errors.DriverError(
            reason=f'This worker has no driver for sources of kind {driver}.'
        )
    module = importlib.import_module(SOURCES[driver])
    return module.open_source(conf, source | {'password': password})


def open_destination(conf, *, trust_id, project_id):
    """Return a session with ``[worker] destination`` in a project.

    :param trust_id: the Keystone trust to act through.
    :raises StepFailed: with code and remedy.
    """
    module = importlib.import_module(DESTINATIONS[conf.worker.destination])
    return module.open_destination(
        conf, trust_id=trust_id, project_id=project_id
    )
