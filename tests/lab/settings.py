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

"""Where the lab lives, its ports and its accounts."""

import os
import pathlib

#: The checkout that this module belongs to.
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]

#: Everything the lab writes is below this folder.
LAB = pathlib.Path(os.environ.get('MIGRATE_LAB', '/var/tmp/migrate-lab'))
CACHE = LAB / 'cache'
LOG = LAB / 'log'
TOOLS = LAB / 'tools'
APPLIANCE = LAB / 'appliance'
CLOUDS_YAML = LAB / 'etc' / 'clouds.yaml'

#: The environment of Migrate itself: it can import nbd and guestfs.
VENV = LAB / 'venv'
#: The environment of the lab cloud's OpenStack services.
CLOUD_VENV = LAB / 'cloud' / 'venv'

HOST = '127.0.0.1'
PORTS = {
    'keystone': 15000,
    'horizon': 15080,
    'glance': 15292,
    'mariadb': 15306,
    'barbican': 15311,
    'epmd': 15369,
    'postgresql': 15432,
    'rabbitmq': 15672,
    'rabbitmq-distribution': 15673,
    'neutron': 15696,
    'nova': 15774,
    'cinder': 15776,
    'placement': 15778,
    'migrate': 15980,
}

#: One password for every account: nothing listens outside loopback.
PASSWORD = 'labpw'  # noqa: S105
#: Of the account by which Migrate reads the simulated vCenter.
VCENTER_PASSWORD = 'vcpw-lab'  # noqa: S105
REGION = 'RegionOne'
#: The name by which Nova, Cinder and Neutron know this machine.
NODE = 'labhost'

#: user: (project, roles)
USERS = {
    'admin': ('admin', ('admin',)),
    'member-a': ('tenant-a', ('member',)),
    'manager-a': ('tenant-a', ('manager',)),
    'reader-a': ('tenant-a', ('reader',)),
    'member-b': ('tenant-b', ('member',)),
}
SERVICE_USER = 'migrate'


def url(service, path=''):
    """Return the URL of an HTTP ``service`` of PORTS."""
    return f'http://{HOST}:{PORTS[service]}{path}'


AUTH_URL = url('keystone', '/v3')
MIGRATE_URL = url('migrate')


def mysql_url(user, database='', password=PASSWORD):
    """Return the SQLAlchemy URL of a MariaDB account."""
    return (
        f'mysql+pymysql://{user}:{password}@{HOST}:{PORTS["mariadb"]}'
        f'/{database}?charset=utf8mb4'
    )


def postgresql_url(user, database, password=PASSWORD):
    """Return the SQLAlchemy URL of a PostgreSQL account."""
    return (
        f'postgresql+psycopg2://{user}:{password}@{HOST}'
        f':{PORTS["postgresql"]}/{database}'
    )


def rabbit_url(user, vhost=''):
    """Return the oslo.messaging URL of a RabbitMQ account."""
    return f'rabbit://{user}:{PASSWORD}@{HOST}:{PORTS["rabbitmq"]}/{vhost}'


#: Migrate's own database and message bus in the lab.
MIGRATE_MYSQL_URL = mysql_url('migrate', 'migrate')
MIGRATE_RABBIT_URL = rabbit_url('migrate', 'migrate')

#: Administrator accounts for tests: they may create databases.
CITEST = 'openstack_citest'
TEST_MYSQL_URL = mysql_url(CITEST, CITEST, CITEST)
TEST_POSTGRESQL_URL = postgresql_url(CITEST, CITEST, CITEST)
TEST_RABBIT_URL = rabbit_url('test', 'test')
#: The value of OS_TEST_DBAPI_ADMIN_CONNECTION for oslo.db's fixtures.
TEST_ADMIN_CONNECTION = ';'.join(
    ('sqlite://', TEST_MYSQL_URL, TEST_POSTGRESQL_URL)
)
