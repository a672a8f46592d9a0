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
from openstack.compute.v2 import flavor

from migrate_service.drivers.openstack import errors
from migrate_service.drivers.openstack import flavors


def make(name, vcpus, ram, **values):
    values = {'disk': 0, 'ephemeral': 0, 'swap': 0, 'extra_specs': {}} | values
    return flavor.Flavor(id=name, name=name, vcpus=vcpus, ram=ram, **values)


class TestChoose(testtools.TestCase):
    def choose(self, *found, cpus=2, memory_mib=2048):
        return flavors.choose(found, cpus, memory_mib).name

    def test_smallest_that_holds_both(self):
        found = (
            make('large', 8, 16384),
            make('cpu', 2, 1024),
            make('ram', 1, 4096),
            make('fits', 2, 4096),
        )
        self.assertEqual('fits', self.choose(*found))

    def test_excess_is_relative(self):
        found = (make('ram', 1, 8192), make('cpu', 2, 1024))
        self.assertEqual('cpu', self.choose(*found, cpus=1, memory_mib=1024))

    def test_no_disk_of_its_own_first(self):
        found = (make('a', 2, 2048, disk=20), make('b', 2, 2048))
        self.assertEqual('b', self.choose(*found))

    def test_special_ones_are_never_chosen(self):
        for special in (
            {'extra_specs': {'pci_passthrough:alias': 'gpu:1'}},
            {'extra_specs': {'hw:mem_page_size': 'large'}},
            {'extra_specs': {'trait:CUSTOM_X': 'required'}},
            {'ephemeral': 10},
            {'swap': 512},
        ):
            self.assertRaises(
                errors.TargetFlavorNoneFits,
                self.choose,
                make('special', 2, 2048, **special),
            )

    def test_none_fits(self):
        error = self.assertRaises(
            errors.TargetFlavorNoneFits, self.choose, make('a', 1, 2048)
        )
        self.assertIn('2 vCPUs and 2048 MiB', str(error))
