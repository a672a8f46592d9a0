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

from migrate_service.convert import errors
from migrate_service.convert import model
from migrate_service.convert import plan

MACS = ('00:50:56:aa:bb:01',)
VIRTIO = ('virtio_pci', 'virtio_blk', 'virtio_net')
LATE = model.Kernel(
    version='6.1',
    modules=VIRTIO,
    initrd='/boot/initrd.img-6.1',
    initrd_kind='initramfs-tools',
    initrd_size=8000,
    default=True,
)
READY = model.Kernel(
    version='6.1',
    modules=VIRTIO,
    initrd='/boot/initrd.img-6.1',
    initrd_kind='initramfs-tools',
    initrd_modules=VIRTIO,
    initrd_size=40000,
    default=True,
)


def card(**values):
    return model.Interface(
        name='ens192', path='/etc/network/interfaces', **values
    )


def inspection(*kernels, **values):
    return model.Inspection(
        outcome=model.SYSTEM,
        type='linux',
        distro='debian',
        roots=('/dev/sda1',),
        kernels=kernels,
        **values,
    )


def make(found, **values):
    arguments = {'requested': 'auto', 'firmware': 'bios', 'macs': MACS}
    return plan.make(found, **arguments | values)


class PlanTest(testtools.TestCase):
    def test_virtio_and_own_names_need_no_change(self):
        pinned = card(mac=MACS[0], pinned=True)
        made = make(inspection(READY, interfaces=(pinned,)))
        self.assertEqual(model.NONE, made.decision.kind)
        self.assertFalse(made.writes)

    def test_a_name_to_keep_is_a_change(self):
        made = make(inspection(READY, interfaces=(card(),)))
        self.assertEqual(model.NONE, made.decision.kind)
        self.assertEqual((('ens192', MACS[0]),), made.pins)
        self.assertTrue(made.writes)

    def test_a_missing_fallback_loader_is_a_change(self):
        esp = model.Esp(
            device='/dev/sda1', loaders=('/EFI/debian/grubx64.efi',)
        )
        made = make(inspection(READY, esp=esp), firmware='efi')
        self.assertTrue(made.writes)

    def test_drivers_to_add_are_a_change(self):
        made = make(inspection(LATE))
        self.assertEqual(model.MINIMAL, made.decision.kind)
        self.assertTrue(made.writes)

    def test_what_cannot_work_is_refused(self):
        windows = model.Inspection(outcome=model.SYSTEM, type='windows')
        self.assertRaises(
            errors.ConversionImpossible, make, windows, requested='minimal'
        )

    def test_a_plan_holds_until_an_initramfs_may_have_been_written(self):
        made = make(inspection(READY, LATE))
        self.assertTrue(plan.holds(made, 1999))
        self.assertFalse(plan.holds(made, 2000))

    def test_nothing_vouches_for_a_guest_without_an_initramfs(self):
        built_in = model.Kernel(version='6.1', builtin=VIRTIO, default=True)
        self.assertFalse(plan.holds(make(inspection(built_in)), 0))
