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
"""The part ``cloud``: a whole OpenStack on loopback.

Keystone, Glance, Placement, Neutron (ml2/ovn), Cinder (a file and a
block back end) and Nova (libvirt, emulated), optionally Barbican.
"""

import os
import shutil

from tests.lab import daemons
from tests.lab import databases
from tests.lab import phases
from tests.lab import settings
from tests.lab.cloud import barbican as key_manager
from tests.lab.cloud import config
from tests.lab.cloud import filesystems
from tests.lab.cloud import hypervisor
from tests.lab.cloud import layout
from tests.lab.cloud import outside
from tests.lab.cloud import ovn
from tests.lab.cloud import packages
from tests.lab.cloud import populate
from tests.lab.cloud import schema
from tests.lab.cloud import services

NEEDED_DATABASES = ('mariadb', 'rabbitmq')
OPENSTACK = (*services.DAEMONS, services.BARBICAN)
FOUNDATION = (*ovn.DAEMONS, *hypervisor.DAEMONS)


def install():
    """Install the cloud's own environment."""
    with phases.phase("the cloud's environment"):
        packages.prepare()


def up(barbican=False):
    """Start what does not run; make what is missing."""
    barbican = barbican or bool(os.environ.get('MIGRATE_LAB_BARBICAN'))
    barbican = barbican or layout.config('barbican').exists()
    databases.up(NEEDED_DATABASES)
    with phases.phase('networks and hypervisor') as remark:
        config.write(barbican)
        remark(f'{ovn.start() + hypervisor.start()} started')
        hypervisor.wait()
        outside.start()
        filesystems.restore()
    with phases.phase('database schemas') as remark:
        how = schema.prepare()
        if how != 'kept':
            # Guests of a cloud that is gone: Nova refuses to start on them.
            hypervisor.stop_guests(forget=True)
        remark(how)
    with phases.phase('keystone and accounts'):
        services.start_keystone()
        populate.accounts(barbican)
    _start_services(barbican)
    with phases.phase('networks, flavors, volume types, quotas'):
        populate.tenants()


def _start_services(barbican):
    since = services.now()
    with phases.phase('services') as remark:
        started = services.start()
        if barbican:
            key_manager.start()
        services.wait_apis()
        remark(f'{len(started)} started')
    if not {'nova-compute', 'cinder-volume'} & set(started):
        return
    with phases.phase('compute and volume services'):
        services.wait_compute(since)


def down(purge=False):
    """Stop the cloud's daemons and guests; with ``purge`` forget all."""
    # Nova must not see its guests stop: it would leave them off for good.
    daemons.terminate(OPENSTACK)
    hypervisor.stop_guests(forget=purge)
    outside.stop()
    daemons.terminate(FOUNDATION)
    filesystems.release()
    if not purge:
        return
    for folder in (layout.ETC, layout.DATA, layout.RUN, layout.LOG):
        shutil.rmtree(folder, ignore_errors=True)
    filesystems.forget_firmware()
    config.remove_outside()
    hypervisor.remove_outside()


def status():
    """Yield (daemon, alive, where) for each daemon of this part."""
    ports = {f'{name}-api': port for name, port in settings.PORTS.items()}
    for daemon in (*OPENSTACK, *FOUNDATION):
        if daemon.pid_file.exists() or daemon.name not in OPTIONAL:
            port = ports.get(daemon.name)
            where = f'{settings.HOST}:{port}' if port else ''
            yield daemon.name, daemon.alive(), where


#: Barbican is only there when asked for, dbus where the machine has none.
OPTIONAL = (services.BARBICAN.name, hypervisor.DBUS.name)


def summary():
    """Return the lines that ``up`` ends with."""
    users = [
        f'{user} ({", ".join(roles)} of {project})'
        for user, (project, roles) in settings.USERS.items()
    ]
    return [
        f'Keystone    {settings.AUTH_URL}   clouds: {settings.CLOUDS_YAML}',
        f'Users       {"; ".join(users)}; password {settings.PASSWORD}',
        'A shell     eval "$(tools/lab env member-a)"; openstack server list',
    ]
