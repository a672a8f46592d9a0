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
"""Folders of the lab cloud and the names of its services."""

import dataclasses

from tests.lab import settings

FOLDER = settings.LAB / 'cloud'
ETC = FOLDER / 'etc'
DATA = FOLDER / 'data'
RUN = FOLDER / 'run'
LOG = FOLDER / 'log'
VENV = settings.CLOUD_VENV
BIN = VENV / 'bin'

OVS = RUN / 'ovs'
OVN = RUN / 'ovn'

#: The environment of the cloud's own programs.
ENV = {'PATH': f'{BIN}:/usr/sbin:/usr/bin:/sbin:/bin'}


@dataclasses.dataclass(frozen=True)
class Api:
    """One API server: a uwsgi process with one worker."""

    name: str
    type: str
    module: str
    threads: int
    path: str = ''

    @property
    def port(self):
        return settings.PORTS[self.name]

    @property
    def url(self):
        return settings.url(self.name, self.path)


APIS = {
    api.name: api
    for api in (
        Api('keystone', 'identity', 'keystone.wsgi.api', 8, '/v3'),
        Api('placement', 'placement', 'placement.wsgi.api', 4),
        Api('glance', 'image', 'glance.wsgi.api', 4),
        Api('neutron', 'network', 'neutron.wsgi.api', 8),
        Api('cinder', 'block-storage', 'cinder.wsgi.api', 8, '/v3'),
        Api('nova', 'compute', 'nova.wsgi.osapi_compute', 8, '/v2.1'),
    )
}
BARBICAN = Api('barbican', 'key-manager', 'barbican.wsgi.api', 4)

#: Databases on the lab's MariaDB, each owned by the user of its service.
DATABASES = {
    'keystone': 'keystone',
    'glance': 'glance',
    'placement': 'placement',
    'neutron': 'neutron',
    'cinder': 'cinder',
    'nova_api': 'nova',
    'nova': 'nova',
    'nova_cell0': 'nova',
}


def config(service):
    """Return the path of a service's configuration file."""
    return ETC / service / config_name(service)


def config_name(service):
    """Return the file name that a service looks for by itself."""
    return 'glance-api.conf' if service == 'glance' else f'{service}.conf'
