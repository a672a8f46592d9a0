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
"""Proves that the lab cloud can do what a migration asks of a cloud.

Run it against a cloud that is up, with Migrate's environment::

    $MIGRATE_LAB/venv/bin/python -m unittest -v tests.lab.cloud.prove
"""

import os
import tempfile

import os_brick
import testtools
from keystoneauth1 import session
from keystoneauth1.identity import v3
from openstack import connection as sdk
from openstack import exceptions
from os_brick.initiator import connector
from oslo_config import cfg

from tests.lab import commands
from tests.lab import daemons
from tests.lab import settings
from tests.lab.cloud import connection
from tests.lab.cloud import netns

MARK = 'MIGRATE-LAB: this disk boots'
MAC = '00:50:56:aa:bb:01'
ADDRESS = '10.77.0.77'
ATTACHMENTS = {'OpenStack-API-Version': 'volume 3.54'}


def boot_sector(text):
    """Return 512 bytes that a BIOS boots: they print on the serial port."""
    code = bytes.fromhex(
        '31c0 8ed8 be227c fc'  # ds:si = the text behind this code
        'ac 84c0 7412 88c4'  # next character; at its end go to hlt
        'bafd03 ec a820 74fb'  # wait until COM1 can send
        'baf803 88e0 ee ebe9'  # send it
        'f4 ebfd'  # hlt for ever
    )
    body = code + text.encode() + b'\r\n\0'
    return body.ljust(510, b'\0') + b'\x55\xaa'


def configure_os_brick():
    """Give os-brick a privsep helper that needs no sudo."""
    os_brick.setup(cfg.CONF)
    cfg.CONF([], project='prove', default_config_files=[])
    cfg.CONF.set_override(
        'helper_command',
        f'{settings.VENV}/bin/privsep-helper',
        group='privsep_osbrick',
    )


class CloudProof(testtools.TestCase):
    def setUp(self):
        super().setUp()
        configure_os_brick()
        self.member = connection.connect('member-a')

    def _through_trust(self):
        """Return a connection of the service user acting as member-a."""
        admin = connection.connect('admin')
        trustee = admin.identity.find_user(settings.SERVICE_USER)
        trust = self.member.identity.create_trust(
            trustor_user_id=self.member.current_user_id,
            trustee_user_id=trustee.id,
            project_id=self.member.current_project_id,
            impersonation=True,
            roles=[{'name': 'member'}],
        )
        self.addCleanup(self.member.identity.delete_trust, trust)
        auth = v3.Password(
            auth_url=settings.AUTH_URL,
            username=settings.SERVICE_USER,
            password=settings.PASSWORD,
            user_domain_name='Default',
            trust_id=trust.id,
        )
        return sdk.Connection(
            session=session.Session(auth),
            region_name=settings.REGION,
            block_storage_api_version='3',
            compute_default_microversion='2.95',
        )

    def _volume(self, cloud, volume_type):
        volumes = cloud.block_storage
        volume = volumes.create_volume(
            name='prove', size=1, volume_type=volume_type
        )
        self.addCleanup(volumes.wait_for_delete, volume, 0.5, 60)
        self.addCleanup(volumes.delete_volume, volume)
        return volumes.wait_for_status(volume, 'available', ['error'], 0.5)

    def _write(self, cloud, volume, data):
        """Write ``data`` through os-brick, and return what is read back."""
        volumes = cloud.block_storage
        mounts = tempfile.mkdtemp(prefix='prove-')
        self.addCleanup(os.rmdir, mounts)
        attachment = self._attach(volumes, volume)
        info = attachment['connection_info']
        brick = connector.InitiatorConnector.factory(
            info['driver_volume_type'],
            '',
            nfs_mount_point_base=mounts,
            conn=info,
        )
        device = brick.connect_volume(info)
        with open(device['path'], 'r+b', buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())
            file.seek(0)
            found = file.read(len(data))
        brick.disconnect_volume(info, device)
        self._unmount(mounts)
        volumes.delete(f'/attachments/{attachment["id"]}', headers=ATTACHMENTS)
        volumes.wait_for_status(volume, 'available', ['error'], 0.5)
        return found

    def _attach(self, volumes, volume):
        body = {
            'volume_uuid': volume.id,
            'mode': 'rw',
            'connector': connector.get_connector_properties(
                '', settings.HOST, False, False, host='prove'
            ),
        }
        return volumes.post(
            '/attachments', json={'attachment': body}, headers=ATTACHMENTS
        ).json()['attachment']

    def _unmount(self, folder):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            commands.run('umount', path)
            os.rmdir(path)

    def _port(self, cloud, **wishes):
        network = cloud.network.find_network('net-a')
        port = cloud.network.create_port(
            name='prove', network_id=network.id, **wishes
        )
        self.addCleanup(cloud.network.delete_port, port)
        return port

    def _server(self, cloud, volume):
        compute = cloud.compute
        port = self._port(
            cloud, mac_address=MAC, fixed_ips=[{'ip_address': ADDRESS}]
        )
        server = compute.create_server(
            name='prove',
            flavor_id=compute.find_flavor('m1.nano').id,
            networks=[{'port': port.id}],
            block_device_mapping=[
                {
                    'boot_index': 0,
                    'uuid': volume.id,
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'delete_on_termination': False,
                }
            ],
        )
        self.addCleanup(compute.wait_for_delete, server, 0.5, 60)
        self.addCleanup(compute.delete_server, server)
        return compute.wait_for_server(server, 'ACTIVE', ['ERROR'], 0.5, 180)

    def _console(self, cloud, server):
        log = cloud.compute.get_server_console_output(server)
        return log['output'] or ''

    def _boots_what_was_written(self, volume_type):
        cloud = self._through_trust()
        volume = self._volume(cloud, volume_type)
        sector = boot_sector(MARK)
        self.assertEqual(sector, self._write(cloud, volume, sector))
        cloud.block_storage.set_volume_bootable_status(volume, True)
        server = self._server(cloud, volume)
        daemons.wait_for(
            'the console', lambda: MARK in self._console(cloud, server), 60
        )
        address = server.addresses['net-a'][0]
        self.assertEqual(
            (MAC, ADDRESS),
            (address['OS-EXT-IPS-MAC:mac_addr'], address['addr']),
        )
        return volume, server

    def test_block_volume_written_through_a_trust_boots(self):
        self._boots_what_was_written('lab-block')

    def test_file_volume_is_hidden_from_other_tenants(self):
        volume, server = self._boots_what_was_written('lab-nfs')
        other = connection.connect('member-b')
        for get, thing in (
            (other.block_storage.get_volume, volume),
            (other.compute.get_server, server),
        ):
            self.assertRaises(exceptions.NotFoundException, get, thing.id)

    def test_uefi_server_without_secure_boot_starts(self):
        cloud = self.member
        volume = self._volume(cloud, 'lab-block')
        cloud.block_storage.set_volume_bootable_status(volume, True)
        cloud.block_storage.post(
            f'/volumes/{volume.id}/action',
            json={
                'os-set_image_metadata': {
                    'metadata': {
                        'hw_firmware_type': 'uefi',
                        'hw_machine_type': 'q35',
                    }
                }
            },
        )
        server = self._server(cloud, volume)
        daemons.wait_for(
            'the UEFI firmware',
            lambda: 'UEFI' in self._console(cloud, server),
            90,
        )

    def test_a_namespace_speaks_inside_a_tenant_network(self):
        port = self._port(self.member)
        address = f'{port.fixed_ips[0]["ip_address"]}/24'
        with netns.plugged(port.id, port.mac_address, address) as name:
            daemons.wait_for(
                'the router of net-a', lambda: self._pings(name), 30
            )

    def _pings(self, namespace):
        try:
            commands.run(
                'ip', 'netns', 'exec', namespace,
                'ping', '-c', '1', '-W', '1', '10.77.0.1',
            )  # fmt: skip
        except commands.CommandFailed:
            return False
        return True
