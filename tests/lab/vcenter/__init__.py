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

"""The part ``vcenter``: a simulated vCenter with real disks and guests."""

import json
import os
import pathlib
import shutil

from tests.lab import appliance
from tests.lab import daemons
from tests.lab import phases
from tests.lab import settings
from tests.lab.vcenter import binary
from tests.lab.vcenter import certificate
from tests.lab.vcenter import control
from tests.lab.vcenter import vddk_library
from tests.lab.vcenter.guests import image

HERE = pathlib.Path(__file__).parent
FOLDER = settings.LAB / 'vcenter'
CONFIG = FOLDER / 'simvc.json'
DATASTORES = FOLDER / 'datastores'
IMAGES = settings.CACHE / 'guests'


def daemon():
    """Return the simulator as a daemon of the lab."""
    return daemons.Daemon(
        'simvc',
        (binary.path(), '-config', CONFIG),
        FOLDER / 'run',
        settings.LOG / 'vcenter',
        env=appliance.environment(),
    )


def install():
    """Build the simulator and the guests, unless they are cached."""
    with phases.phase('build the simulated vCenter'):
        binary.build()
    with phases.phase('build the guests'):
        image.ensure(IMAGES)
    with phases.phase("nbdkit's vddk plugin and a stand-in for VDDK"):
        vddk_library.install()


def up(machines=None):
    """Start the simulator on pristine disks, unless it runs.

    :param machines: so many more without content, for tests of scale;
        $MIGRATE_LAB_MACHINES by default.
    """
    one = daemon()
    if one.alive():
        return
    with phases.phase('the simulated vCenter') as remark:
        certificate.ensure(FOLDER)
        shutil.rmtree(DATASTORES, ignore_errors=True)
        DATASTORES.mkdir(parents=True)
        if machines is None:
            machines = int(os.environ.get('MIGRATE_LAB_MACHINES', 0))
        configure(machines)
        one.start()
        daemons.wait_for('the simulated vCenter', _ready, 300, one)
        remark(f'{len(control.Vcenter().vms())} machines')


def _ready():
    return daemons.listening(control.PORT) and _answers()


def _answers():
    try:
        control.Vcenter().stats()
    except OSError:
        return False
    return True


def configure(
    machines=0,
    port=control.PORT,
    password=control.PASSWORD,
    inventory=HERE / 'inventory.json',
):
    """Write the configuration that the simulator reads when it starts.

    :param machines: how many more without content there are.
    :param inventory: path of the JSON file that names the others.
    """
    config = {
        'listen': f'{settings.HOST}:{port}',
        'user': control.USERNAME,
        'password': password,
        'ca': str(control.CA),
        'certificate': str(FOLDER / 'server.pem'),
        'key': str(FOLDER / 'server.key'),
        'inventory': str(inventory),
        'images': str(IMAGES),
        'datastores': str(DATASTORES),
        'machines': machines,
        'guest_program': str(HERE / 'guests' / 'program.py'),
    }
    CONFIG.touch(mode=0o600)
    CONFIG.write_text(json.dumps(config, indent=2))


def down(purge=False):
    """Stop the simulator; what is in its machines is forgotten at ``up``."""
    daemon().stop()
    if purge:
        shutil.rmtree(FOLDER, ignore_errors=True)


def status():
    """Yield ``(name, alive, where)``."""
    yield 'simvc', daemon().alive(), control.URL


def summary():
    """Return the lines that ``up`` ends with."""
    return [
        f'vCenter    {control.URL}  {control.USERNAME}  CA {control.CA}',
    ]
