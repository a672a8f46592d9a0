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
"""Move one machine as a member of tenant-a, and show that it arrived.

The source is registered by a manager, the migration is made with the
``openstack`` command that users have. What is printed at the end was asked
of others: the console of Nova, and the disk files of the simulated vCenter,
hashed here and compared with what Migrate read back from the volumes.
"""

import argparse
import json
import subprocess
import sys

from openstack import utils

from tests.lab import cli
from tests.lab import settings
from tests.lab.service import digests
from tests.lab.service import tenants
from tests.lab.vcenter import control

MARK = 'LAB-BOOT-OK'
#: Bytes a second that each disk of a warm machine is dirtied by.
WRITES = 1024 * 1024


def main():
    arguments = parse_arguments()
    manager = tenants.connect('manager-a')
    member = tenants.connect('member-a')
    vcenter = control.Vcenter()
    put_back(member, vcenter, arguments.machine)
    source = tenants.vcenter_source(manager)
    if source.status != 'ready':
        print(json.dumps(source.error, indent=2))
        return 1
    if arguments.warm and not arguments.idle:
        dirty(vcenter, arguments.machine)
    migration_id = migrate(member, source, arguments)
    if not migration_id:
        return 1
    if arguments.warm and not lead(member, migration_id, arguments.rehearse):
        return 1
    migration = member.migration.get_migration(migration_id)
    console = boot_text(member, migration.result['server_id'])
    status = report(vcenter, migration, console)
    command = ['openstack', 'migration', 'accept', '--wait', migration_id]
    return openstack(command).returncode or status


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(
        prog='tools/lab migrate', description='Move one machine.'
    )
    parser.add_argument(
        '--warm',
        action='store_true',
        help='while it runs and writes, with three rounds and a cutover',
    )
    parser.add_argument(
        '--idle',
        action='store_true',
        help='with --warm: nothing is written meanwhile',
    )
    parser.add_argument(
        '--rehearse',
        action='store_true',
        help='before the cutover; needs --warm',
    )
    parser.add_argument('--machine', default='web-bios', metavar='NAME')
    parser.add_argument(
        '--transport',
        default='https',
        choices=('auto', 'file', 'https', 'vddk', 'nfc'),
    )
    parser.add_argument(
        '--convert',
        default='auto',
        choices=('auto', 'none', 'minimal', 'full'),
    )
    parser.add_argument('--volume-type', default='lab-nfs', metavar='TYPE')
    return parser.parse_args(argv)


def put_back(member, vcenter, machine):
    """Undo an earlier run: its server goes, the machine is as at first."""
    for migration in member.migration.migrations():
        if migration.machine_name != machine:
            continue
        if migration.status not in ('completed', 'cancelled'):
            print(f'Cancelling the migration {migration.id}.', flush=True)
            openstack(
                ['openstack', 'migration', 'cancel', '--wait', migration.id]
            )
            migration = member.migration.get_migration(migration.id)
        if migration.status == 'completed' and migration.result:
            tenants.remove_server(member, migration.result['server_id'])
        if migration.status in ('completed', 'cancelled'):
            member.migration.delete_migration(migration)
    vcenter.reset(machine)


def dirty(vcenter, machine):
    """Let the guest write to every disk until it is switched off."""
    for number in range(len(vcenter.disk_files(machine))):
        vcenter.writer(machine, disk=number, rate=WRITES)


def lead(member, migration_id, rehearsal):
    """Ask for two more rounds, then for the cutover.

    :param rehearsal: whether to ask for one between the rounds.
    """
    for action in ('sync', 'rehearse', 'sync', 'cutover'):
        if action == 'rehearse':
            if rehearsal and not rehearse(member, migration_id):
                return False
            continue
        command = ['openstack', 'migration', action, '--wait', migration_id]
        if openstack(command).returncode:
            return False
    return True


def rehearse(member, migration_id):
    """Rehearse; return whether it passed and left nothing."""
    before = things(member)
    command = [
        *('openstack', 'migration', 'rehearse', '--wait', migration_id),
        *('--probe-expect', MARK, '--probe-timeout', '300'),
        *('-f', 'json'),
    ]
    done = openstack(command)
    if done.returncode:
        return False
    rehearsal = json.loads(done.stdout)
    for step, seconds in rehearsal['timings'].items():
        print(f'Rehearsal, {step}: {seconds:.1f} s')
    print(f'Rehearsal, seen: {rehearsal["result"]["probes"]}')
    after = things(member)
    for kind, ids in before.items():
        print(
            f'Before and after it, {kind}: {len(ids)} and {len(after[kind])}'
        )
    print(f'Rehearsal {rehearsal["verdict"]}', flush=True)
    return before == after


def things(member):
    """Return the ids of what a rehearsal makes, by kind."""
    network, project = member.network, member.current_project_id
    found = {
        'servers': member.compute.servers(),
        'volumes': member.block_storage.volumes(),
        'snapshots': member.block_storage.snapshots(),
        'networks': network.networks(project_id=project),
        'subnets': network.subnets(project_id=project),
        'ports': network.ports(project_id=project),
    }
    return {
        kind: sorted(one.id for one in resources)
        for kind, resources in found.items()
    }


def migrate(member, source, arguments):
    """Run ``openstack migration create --wait``; return the id or None."""
    machine = member.migration.find_machine(
        arguments.machine, source, ignore_missing=False
    )
    networks = [
        f'--network={one["source"]}={one["network_id"]}'
        for one in tenants.machine_networks(member, source, machine)
    ]
    command = [
        *('openstack', 'migration', 'create', '--wait', '-f', 'json'),
        *('--source', source.name, '--machine', machine.id, *networks),
        *('--verify-copy', 'full', '--convert', arguments.convert),
        *('--transport', arguments.transport),
        *('--volume-type', arguments.volume_type),
        *(['--warm'] if arguments.warm else []),
    ]
    done = openstack(command)
    return json.loads(done.stdout)['id'] if done.returncode == 0 else None


def openstack(command, user='member-a'):
    """Run a command as a user of tenant-a; its progress is shown."""
    print('$', ' '.join(command), flush=True)
    path = f'{settings.VENV}/bin:/usr/bin:/bin'
    return subprocess.run(
        command,
        env=cli.environment(user) | {'PATH': path},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def boot_text(member, server_id, seconds=300):
    """Return the console of the server once the guest has reported."""
    text = ''
    try:
        for _ in utils.iterate_timeout(seconds, 'no report', wait=2):
            log = member.compute.get_server_console_output(server_id)
            text = log['output']
            if MARK in text:
                return text
    except Exception as error:  # what the console says is the answer
        print(f'The guest did not report: {error}', file=sys.stderr)
    return text


def report_downtime(migration):
    """Print what a cutover took, by part."""
    downtime = migration.downtime or {}
    for part, seconds in downtime.items():
        if seconds is not None:
            print(f'Downtime, {part}: {seconds:.1f} s')
    if downtime:
        parts = ('delta', 'verify', 'convert', 'create')
        seconds = sum(downtime[part] for part in parts)
        print(
            f'Source off to server on: {seconds:.1f} s, conversion '
            f'{migration.result["conversion"]["kind"]}'
        )


def report(vcenter, migration, console):
    """Print console and hashes; return the exit code."""
    print(f'\nConsole of the server {migration.result["server_id"]}:')
    print('\n'.join(f'  {line}' for line in console.splitlines()[-8:]))
    files = vcenter.disk_files(migration.machine_name)
    disks = migration.result['disks']
    equal = len(files) == len(disks) > 0
    print('\nDisks before conversion (BLAKE3, source file / target volume):')
    for disk, path in zip(disks, files, strict=True):
        source = digests.of_file(path)
        equal &= source == disk['target_digest']
        sign = '==' if source == disk['target_digest'] else '!='
        print(f'  {disk["label"]}: {source} {sign} {disk["target_digest"]}')
    for made in (migration.progress or {}).get('rounds') or ():
        print(f'Round {made["number"]}: {made["bytes"]} bytes copied')
    report_downtime(migration)
    booted = MARK in console
    print(
        f'\n{migration.machine_name}: '
        + ('booted in Nova' if booted else 'DID NOT BOOT')
        + (', disks equal' if equal else ', DISKS DIFFER')
    )
    return 0 if booted and equal else 1


if __name__ == '__main__':
    sys.exit(main())
