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

import testtools

from migrate_service.convert import decision
from migrate_service.convert import errors
from migrate_service.convert import model

ALL = ('virtio_pci', 'virtio_blk', 'virtio_scsi', 'virtio_net')


def kernel(version='6.1', *, has=(), default=True, **values):
    values = {
        'modules': ALL,
        'initrd': f'/boot/initrd.img-{version}',
        'initrd_kind': 'initramfs-tools',
        'initrd_modules': tuple(has),
    } | values
    return model.Kernel(version=version, default=default, **values)


def linux(*kernels, **values):
    values = {'type': 'linux', 'distro': 'debian'} | values
    return model.Inspection(outcome=model.SYSTEM, kernels=kernels, **values)


def windows(**values):
    return model.Inspection(
        outcome=model.SYSTEM,
        type='windows',
        distro='windows',
        windows=model.Windows(**values),
    )


def empty(outcome=model.EMPTY):
    return model.Inspection(outcome=outcome)


READY = kernel(has=ALL)
LATE = kernel()
OLD_LATE = kernel('5.10', default=False)
OLD_READY = kernel('5.10', default=False, has=ALL)
BUILT_IN = kernel(initrd=None, initrd_kind=None, builtin=ALL, modules=())
DRACUT = kernel(initrd_kind='dracut')
MADE_BY_OTHERS = kernel(initrd_kind='other')
UNREADABLE = kernel(initrd_kind='unreadable', initrd_problem='it is damaged')
NO_DRIVERS = kernel(modules=())
NO_NET = kernel(has=ALL, modules=('virtio_pci', 'virtio_blk'))
NO_SCSI = kernel(modules=('virtio_pci', 'virtio_blk', 'virtio_net'))
SDB = {'named_devices': ('/dev/sdb1',), 'disks': 2}
SDA = {'named_devices': ('/dev/sda1',)}

#: what, inspection, requested, firmware -> kind, disk bus, NIC model
TABLE = (
    ('ready', linux(READY), 'auto', 'none virtio virtio'),
    ('built in', linux(BUILT_IN), 'auto', 'none virtio virtio'),
    ('late', linux(LATE), 'auto', 'minimal virtio virtio'),
    ('dracut', linux(DRACUT), 'auto', 'minimal virtio virtio'),
    ('old one late', linux(READY, OLD_LATE), 'auto', 'minimal virtio virtio'),
    ('new one late', linux(LATE, OLD_READY), 'auto', 'minimal virtio virtio'),
    ('other tool', linux(MADE_BY_OTHERS), 'auto', 'full virtio virtio'),
    ('unreadable', linux(UNREADABLE), 'auto', 'full virtio virtio'),
    ('no drivers', linux(NO_DRIVERS), 'auto', 'full virtio virtio'),
    ('no kernel', linux(), 'auto', 'full virtio virtio'),
    ('no virtio_net', linux(NO_NET), 'auto', 'none virtio e1000'),
    ('sda, ready', linux(READY, **SDA), 'auto', 'none scsi virtio'),
    ('sda, late', linux(LATE, **SDA), 'auto', 'minimal scsi virtio'),
    ('sda of two', linux(READY, **SDB), 'auto', 'full virtio virtio'),
    ('sda of two, none', linux(READY, **SDB), 'none', 'none ide e1000'),
    ('sda, no scsi', linux(NO_SCSI, **SDA), 'auto', 'full virtio virtio'),
    (
        'unknown distribution',
        linux(NO_DRIVERS, distro='arch'),
        'auto',
        'none ide e1000',
    ),
    ('ready, none', linux(READY), 'none', 'none virtio virtio'),
    ('late, none', linux(LATE), 'none', 'none ide e1000'),
    ('ready, minimal', linux(READY), 'minimal', 'minimal virtio virtio'),
    ('late, full', linux(LATE), 'full', 'full virtio virtio'),
    ('windows', windows(), 'auto', 'full virtio virtio'),
    ('windows, none', windows(), 'none', 'none ide e1000'),
    (
        'windows with drivers, none',
        windows(virtio_drivers=('viostor', 'netkvm')),
        'none',
        'none virtio virtio',
    ),
    ('data only', empty(), 'auto', 'none ide e1000'),
    ('several', empty(model.SEVERAL), 'auto', 'none ide e1000'),
    ('encrypted', empty(model.ENCRYPTED), 'none', 'none ide e1000'),
    ('BSD', linux(type='freebsd'), 'auto', 'none ide e1000'),
)

REFUSED = (
    ('no such kind', linux(READY), 'some', 'only auto'),
    ('data only', empty(), 'full', 'no operating system'),
    ('data only', empty(), 'minimal', 'no operating system'),
    ('several', empty(model.SEVERAL), 'full', 'several'),
    ('windows', windows(), 'minimal', 'Windows needs'),
    ('no drivers', linux(NO_DRIVERS), 'minimal', 'no virtio drivers'),
    ('other tool', linux(MADE_BY_OTHERS), 'minimal', 'unknown tool'),
    ('sda of two', linux(LATE, **SDB), 'minimal', 'one of several disks'),
    ('unreadable', linux(UNREADABLE), 'minimal', 'it is damaged'),
    ('no kernel', linux(), 'minimal', 'no kernel'),
    ('unknown', linux(READY, distro='arch'), 'full', 'does not know arch'),
    (
        'names of the source',
        linux(READY, named_devices=('/dev/disk/by-path/pci-0:0-part1',)),
        'auto',
        'use UUID=',
    ),
)


class DecideTest(testtools.TestCase):
    def test_table(self):
        for what, inspection, requested, expected in TABLE:
            made = decision.decide(inspection, requested=requested)
            self.assertEqual(
                expected, f'{made.kind} {made.disk_bus} {made.nic_model}', what
            )
            self.assertTrue(made.reasons, what)

    def test_refuses_what_cannot_work(self):
        for what, inspection, requested, reason in REFUSED:
            error = self.assertRaises(
                errors.ConversionImpossible,
                decision.decide,
                inspection,
                requested=requested,
            )
            self.assertIn(reason, str(error), what)

    def test_hibernated_windows_is_refused_unless_left_as_it_is(self):
        asleep = windows(hibernated=True)
        for requested in ('auto', 'full'):
            self.assertRaises(
                errors.GuestHibernated,
                decision.decide,
                asleep,
                requested=requested,
            )
        made = decision.decide(asleep, requested='none')
        self.assertEqual(model.NONE, made.kind)

    def test_efi_guests_that_are_not_converted_get_sata(self):
        made = decision.decide(empty(), firmware='efi')
        self.assertEqual('sata', made.disk_bus)
        self.assertIn('no operating system was found', made.warnings[0])

    def test_what_virt_v2v_left_without_virtio_gets_emulated_hardware(self):
        full = decision.decide(linux(NO_DRIVERS))
        made = decision.without_virtio(full, 'bios')
        self.assertEqual(('ide', 'e1000'), (made.disk_bus, made.nic_model))
        self.assertIn('no virtio drivers', made.warnings[-1])

    def test_warns_of_kernels_that_stay_behind(self):
        old = kernel('5.10', default=False, modules=())
        made = decision.decide(linux(READY, old))
        self.assertEqual(model.NONE, made.kind)
        self.assertIn('5.10 will not boot', made.warnings[0])

    def test_warns_of_efi_without_a_partition_for_it(self):
        made = decision.decide(linux(READY), firmware='efi')
        self.assertIn('no EFI system partition', made.warnings[0])
