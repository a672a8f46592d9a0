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
"""The cloud's OpenStack processes."""

import datetime

from tests.lab import commands
from tests.lab import daemons
from tests.lab import settings
from tests.lab.cloud import layout
from tests.lab.databases import mariadb


def _api(api):
    # uwsgi's own "env =" comes too late for Python: it is set here.
    return daemons.Daemon(
        name=f'{api.name}-api',
        argv=(layout.BIN / 'uwsgi', layout.ETC / 'uwsgi' / f'{api.name}.ini'),
        run=layout.RUN,
        log=layout.LOG,
        env=layout.ENV
        | {
            f'OS_{api.name.upper()}_CONFIG_DIR': layout.ETC / api.name,
            'OS_NEUTRON_CONFIG_FILES': 'neutron.conf',
        },
    )


def _agent(name):
    service = name.partition('-')[0]
    return daemons.Daemon(
        name=name,
        argv=(layout.BIN / name, '--config-file', layout.config(service)),
        run=layout.RUN,
        log=layout.LOG,
        # cinder-volume finds the lab's own driver in this checkout.
        env=layout.ENV | {'PYTHONPATH': settings.CHECKOUT},
        stop_seconds=20,
    )


KEYSTONE = _api(layout.APIS['keystone'])
BARBICAN = _api(layout.BARBICAN)
OTHER_APIS = tuple(
    _api(api) for api in layout.APIS.values() if api.name != 'keystone'
)
COMPUTE = _agent('nova-compute')
AGENTS = (
    _agent('nova-conductor'),
    _agent('nova-scheduler'),
    _agent('cinder-scheduler'),
    _agent('cinder-volume'),
    COMPUTE,
)
DAEMONS = (*AGENTS, *OTHER_APIS, KEYSTONE)


def start_keystone():
    """Start Keystone and wait for it; tell whether it had to be started."""
    started = KEYSTONE.start()
    url = settings.url('keystone', '/v3')
    daemons.wait_for('keystone', lambda: daemons.answers(url), 90, KEYSTONE)
    return started


def start():
    """Start what does not run; return the names of what was started."""
    return [daemon.name for daemon in (*OTHER_APIS, *AGENTS) if daemon.start()]


def wait_apis():
    """Wait until every API answers a request."""
    apis = [api for api in layout.APIS.values() if api.name != 'keystone']
    for api, daemon in zip(apis, OTHER_APIS, strict=True):
        root = settings.url(api.name, '/')
        daemons.wait_for(
            api.name, lambda root=root: daemons.answers(root), 150, daemon
        )


def now():
    """Return the time as Nova's database writes it (UTC)."""
    return datetime.datetime.now(datetime.UTC).strftime('%F %T')


def wait_compute(since):
    """Wait until nova-compute and cinder-volume reported after ``since``.

    A row left by an earlier run must not pass for a working service.
    """
    daemons.wait_for(
        'nova-compute', lambda: _reported('nova', since), 150, COMPUTE
    )
    daemons.wait_for(
        'cinder-volume', lambda: _reported('cinder', since), 150, AGENTS[3]
    )
    commands.run(
        layout.BIN / 'nova-manage', '--config-file', layout.config('nova'),
        'cell_v2', 'discover_hosts',
        log=layout.LOG / 'discover-hosts.log', env=layout.ENV,
    )  # fmt: skip


REPORTED = {
    'nova': (
        'SELECT COUNT(*) >= 1 FROM nova.services s'
        ' JOIN nova.compute_nodes c ON s.host = c.host'
        " WHERE s.topic = 'compute' AND"
        " IFNULL(s.updated_at, s.created_at) >= '{since}'"
    ),
    'cinder': (
        'SELECT COUNT(*) >= 2 FROM cinder.services'
        " WHERE topic = 'cinder-volume' AND NOT deleted AND"
        " IFNULL(updated_at, created_at) >= '{since}'"
    ),
}


def _reported(service, since):
    sql = REPORTED[service].format(since=since)
    return mariadb.execute(sql).strip() == '1'
