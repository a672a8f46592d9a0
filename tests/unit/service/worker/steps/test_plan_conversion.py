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


"""When a guest is looked at before its cutover, and when that is enough."""

import testtools

from migrate_service.convert import conversion
from migrate_service.convert import errors
from migrate_service.worker.steps import convert
from migrate_service.worker.steps import plan_conversion
from tests.unit.service.convert import test_plan
from tests.unit.service.worker.steps import fakes

MIB = 1024**2
READY = test_plan.inspection(test_plan.READY)
LATE = test_plan.inspection(test_plan.LATE)


class Sinkless(fakes.Destination):
    """Volumes that are attached by name only."""

    def __init__(self):
        super().__init__()
        self.properties = {}

    def attach_volume(self, volume_id, *, owner, workdir):
        raise AssertionError('nothing is attached')

    def set_image_properties(self, volume_id, properties):
        self.properties[volume_id] = properties


class TestPlan(testtools.TestCase):
    def work(self, found=None, seen=2, rounds=(), wait=600, **result):
        work = fakes.Work(fakes.Source('off'), Sinkless())
        work.checkpoint |= {
            'ports': {},
            'volumes': {'2000': {'id': 'volume-1'}},
            'wake_after': wait,
        }
        work.progress['rounds'] = [
            {'number': number, 'bytes': size} for number, size in rounds
        ]
        work.result |= result
        if found:
            work.checkpoint['plan'] = {
                'inspection': found.to_dict(),
                'round': seen,
            }
        return work

    def test_the_first_look_is_made_when_no_round_follows_at_once(self):
        self.assertTrue(plan_conversion.due(self.work(wait=1)))
        self.assertFalse(plan_conversion.due(self.work(wait=0)))

    def test_a_guest_that_needs_no_change_is_looked_at_after_much_writing(
        self,
    ):
        calm = self.work(READY, rounds=[(2, 99 * MIB), (3, 9999)])
        busy = self.work(READY, rounds=[(2, 99 * MIB), (3, 10000)])
        self.assertFalse(plan_conversion.due(calm))
        self.assertTrue(plan_conversion.due(busy))

    def test_rounds_that_are_forgotten_vouch_for_nothing(self):
        known = self.work(READY, seen=2, rounds=[(3, 1), (4, 1)])
        forgotten = self.work(READY, seen=1, rounds=[(3, 1), (4, 1)])
        self.assertTrue(plan_conversion.holds(known))
        self.assertFalse(plan_conversion.holds(forgotten))

    def test_a_guest_that_is_changed_in_the_cutover_is_looked_at_once(self):
        busy = self.work(LATE, rounds=[(3, 99 * MIB)])
        self.assertFalse(plan_conversion.due(busy))

    def test_what_cannot_be_looked_at_is_told_and_does_not_fail(self):
        def refuse(*args, **kwargs):
            raise errors.InspectionFailed(reason='it is torn')

        work = self.work()
        self.patch(plan_conversion, '_look', refuse)
        plan_conversion.run(work)
        told = work.progress['conversion']
        self.assertEqual('conversion.inspection_failed', told['error']['code'])
        self.assertIsNone(plan_conversion.of(work))

    def test_what_was_found_is_shown(self):
        work = self.work(rounds=[(1, MIB)])
        self.patch(plan_conversion, '_look', lambda work: LATE)
        plan_conversion.run(work)
        told = work.progress['conversion']
        self.assertEqual(('minimal', True), (told['kind'], told['writes']))
        self.assertIn('6.1', told['reasons'][0])
        self.assertEqual(1, told['round'])

    def test_no_appliance_is_started_for_a_guest_that_needs_no_change(self):
        work = self.work(READY, final_copy={'bytes': 9999})
        convert.run(work)
        self.assertEqual('none', work.result['conversion']['kind'])
        properties = work.open_destination().enter_result.properties
        self.assertEqual('virtio', properties['volume-1']['hw_disk_bus'])

    def test_one_is_started_when_the_guest_wrote_too_much_since(self):
        self.patch(conversion, 'convert', self.fail)
        work = self.work(READY, final_copy={'bytes': 10000})
        self.assertRaises(AssertionError, convert.run, work)

    def test_one_is_started_where_the_guest_is_changed(self):
        work = self.work(LATE)
        self.assertRaises(AssertionError, convert.run, work)
