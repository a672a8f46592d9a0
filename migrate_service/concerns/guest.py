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

"""Concerns about the guest, from what vSphere knows of it.

What lies inside its disks (free space, drivers, fstab, encryption) is seen
by the step ``convert``, not here.
"""

from migrate_service.concerns import model

FAMILY = model.Family()
#: Beginnings of guest ids that nothing here can convert.
FOREIGN = (
    'darwin',
    'dos',
    'freebsd',
    'netware',
    'openserver',
    'os2',
    'solaris',
    'unixware',
    'vmkernel',
)


def _foreign(machine):
    return (machine.guest_id or '').lower().startswith(FOREIGN)


@FAMILY.rule(
    code='concern.guest_not_convertible',
    what='The guest of %(machine)s is %(guest)s.',
    why=(
        'Neither virt-v2v nor the minimal conversion knows this system: '
        'it boots only if it has virtio drivers already.'
    ),
    remedy=(
        'Install virtio drivers in the guest and choose the conversion '
        '"none", or override this concern.'
    ),
    origin='virt-v2v-support(1); forklift#494',
    overridable=True,
)
def _not_convertible(facts):
    if _foreign(facts.machine) and facts.option('convert') != 'none':
        yield {
            'machine': facts.machine.name,
            'guest': facts.machine.guest_name or facts.machine.guest_id,
        }


@FAMILY.rule(
    code='concern.guest_unknown',
    what='vSphere does not know which system %(machine)s runs.',
    why='Whether it can be converted shows only when its disks are copied.',
    remedy='Set the guest system of the machine in vSphere, or rehearse.',
    origin='virt-v2v-support(1); vjailbreak#1040',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _unknown(facts):
    machine = facts.machine
    if machine.guest_family == 'other' and not _foreign(machine):
        yield {'machine': machine.name}


@FAMILY.rule(
    code='concern.guest_windows',
    what='%(machine)s runs Windows.',
    why=(
        'Without virtio drivers it does not boot on KVM; a conversion node '
        'installs them if the operator gave it virtio-win. A hibernated '
        'Windows (fast start-up) cannot be converted.'
    ),
    remedy=(
        'Turn fast start-up off; install the virtio drivers beforehand or '
        'ask the operator for virtio-win; rehearse the boot.'
    ),
    origin='virt-v2v(1), Windows; migratekit#18',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _windows(facts):
    if facts.machine.guest_family == 'windows':
        yield {'machine': facts.machine.name}
