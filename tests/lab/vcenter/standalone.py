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

"""The simulated vCenter without the lab, for the DevStack plugin.

Builds the program and the guests below ``$MIGRATE_LAB``, starts nothing. Run
``vcenter/simvc -config vcenter/simvc.json`` of that folder afterwards. The
password is taken from ``$MIGRATE_SIMULATOR_PASSWORD``.
"""

import argparse
import json
import os
import shutil

from tests.lab import vcenter
from tests.lab.vcenter import binary
from tests.lab.vcenter import certificate
from tests.lab.vcenter import control
from tests.lab.vcenter.guests import image

INVENTORY = vcenter.FOLDER / 'inventory.json'
PROGRAM = vcenter.FOLDER / 'simvc'


def parse_arguments(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m tests.lab.vcenter.standalone', description=__doc__
    )
    parser.add_argument('--port', type=int, default=control.PORT)
    parser.add_argument(
        'machines', nargs='*', metavar='MACHINE', help='default: all'
    )
    return parser.parse_args(argv)


def inventory_of(names):
    """Return the inventory of the lab with the machines of these names.

    :raises SystemExit: when one of them is not in the lab's inventory.
    """
    inventory = json.loads((vcenter.HERE / 'inventory.json').read_text())
    known = {machine['name'] for machine in inventory['machines']}
    if unknown := sorted(set(names) - known):
        raise SystemExit(
            f'These are no machines of the simulator: {", ".join(unknown)}. '
            f'Choose from {", ".join(sorted(known))}.'
        )
    if names:
        inventory['machines'] = [
            machine
            for machine in inventory['machines']
            if machine['name'] in names
        ]
    return inventory


def main(argv=None):
    arguments = parse_arguments(argv)
    inventory = inventory_of(arguments.machines)
    binary.build()
    certificate.ensure(vcenter.FOLDER)
    if any(disk.get('image') for disk in disks(inventory)):
        image.ensure(vcenter.IMAGES)
    shutil.rmtree(vcenter.DATASTORES, ignore_errors=True)
    vcenter.DATASTORES.mkdir(parents=True)
    INVENTORY.write_text(json.dumps(inventory))
    vcenter.configure(
        port=arguments.port,
        password=os.environ['MIGRATE_SIMULATOR_PASSWORD'],
        inventory=INVENTORY,
    )
    PROGRAM.unlink(missing_ok=True)
    PROGRAM.symlink_to(binary.path())


def disks(inventory):
    """Return the disks of all machines, as the inventory has them."""
    return [
        disk
        for machine in inventory['machines']
        for disk in machine.get('disks', ())
    ]


if __name__ == '__main__':
    main()
