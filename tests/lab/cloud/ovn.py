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
"""Open vSwitch and OVN on private databases, with the userspace datapath.

No kernel module is needed; ``br-ex`` stands for the outside world.
"""

from tests.lab import commands
from tests.lab import daemons
from tests.lab import settings
from tests.lab.cloud import layout

OVS_DATA = layout.DATA / 'ovs'
OVN_DATA = layout.DATA / 'ovn'
ENV = {
    'OVS_RUNDIR': layout.OVS,
    'OVS_LOGDIR': layout.LOG,
    'OVS_DBDIR': OVS_DATA,
    'OVN_RUNDIR': layout.OVN,
    'OVN_LOGDIR': layout.LOG,
    'OVN_DBDIR': OVN_DATA,
}
SWITCH = f'unix:{layout.OVS}/db.sock'
NORTH = f'unix:{layout.OVN}/nb.sock'
SOUTH = f'unix:{layout.OVN}/sb.sock'

#: name: (database file, its schema, socket)
DATABASES = {
    'ovsdb': (
        OVS_DATA / 'conf.db',
        '/usr/share/openvswitch/vswitch.ovsschema',
        layout.OVS / 'db.sock',
    ),
    'ovn-nb': (
        OVN_DATA / 'nb.db',
        '/usr/share/ovn/ovn-nb.ovsschema',
        layout.OVN / 'nb.sock',
    ),
    'ovn-sb': (
        OVN_DATA / 'sb.db',
        '/usr/share/ovn/ovn-sb.ovsschema',
        layout.OVN / 'sb.sock',
    ),
}


def _daemon(name, *argv):
    return daemons.Daemon(
        name=name,
        argv=(*argv, f'--log-file={layout.LOG}/{name}.log'),
        run=layout.RUN,
        log=layout.LOG,
        env=ENV,
    )


STORES = tuple(
    _daemon(
        name,
        '/usr/sbin/ovsdb-server',
        file,
        f'--remote=punix:{socket}',
        f'--unixctl={socket.with_suffix(".ctl")}',
    )
    for name, (file, _schema, socket) in DATABASES.items()
)
VSWITCHD = _daemon(
    'ovs-vswitchd',
    '/usr/sbin/ovs-vswitchd',
    SWITCH,
    f'--unixctl={layout.OVS}/ovs-vswitchd.ctl',
)
NORTHD = _daemon(
    'ovn-northd',
    '/usr/bin/ovn-northd',
    f'--ovnnb-db={NORTH}',
    f'--ovnsb-db={SOUTH}',
    f'--unixctl={layout.OVN}/ovn-northd.ctl',
)
CONTROLLER = _daemon('ovn-controller', '/usr/bin/ovn-controller', SWITCH)
DAEMONS = (*STORES, VSWITCHD, NORTHD, CONTROLLER)

EXTERNAL_IDS = {
    'system-id': settings.NODE,
    'hostname': settings.NODE,
    'ovn-remote': SOUTH,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': settings.HOST,
    'ovn-bridge': 'br-int',
    'ovn-bridge-datapath-type': 'netdev',
    'ovn-bridge-mappings': 'physnet1:br-ex',
    'ovn-cms-options': 'enable-chassis-as-gw',
}


def vsctl(*argv, wait=False):
    """Run ovs-vsctl; with ``wait`` until the switch did what it says."""
    how = '--timeout=30' if wait else '--no-wait'
    return commands.run('ovs-vsctl', f'--db={SWITCH}', how, *argv)


def start():
    """Start every daemon that does not run; return how many those were."""
    for folder in (OVS_DATA, OVN_DATA, layout.OVS, layout.OVN):
        folder.mkdir(parents=True, exist_ok=True)
    for file, schema, _socket in DATABASES.values():
        if not file.exists():
            commands.run('ovsdb-tool', 'create', file, schema)
    started = sum(daemon.start() for daemon in STORES)
    for daemon, (_file, _schema, socket) in zip(
        STORES, DATABASES.values(), strict=True
    ):
        daemons.wait_for(daemon.name, socket.is_socket, 20, daemon)
    if not (VSWITCHD.alive() and CONTROLLER.alive()):
        _configure()
    return started + sum(
        daemon.start() for daemon in (VSWITCHD, NORTHD, CONTROLLER)
    )


def _configure():
    vsctl('init')
    vsctl(
        'set', 'Open_vSwitch', '.',
        *(f'external_ids:{k}="{v}"' for k, v in EXTERNAL_IDS.items()),
    )  # fmt: skip
    vsctl(
        '--may-exist', 'add-br', 'br-ex',
        '--', 'set', 'Bridge', 'br-ex', 'datapath_type=netdev',
    )  # fmt: skip
    vsctl(
        '--may-exist', 'add-br', 'br-int',
        '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev',
        'fail_mode=secure', 'other-config:disable-in-band=true',
    )  # fmt: skip
    commands.run('ovn-nbctl', f'--db={NORTH}', 'init')
    commands.run('ovn-sbctl', f'--db={SOUTH}', 'init')
