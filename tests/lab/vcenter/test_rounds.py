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


"""Rounds of copying a machine of the simulated vCenter while it is written.

The real steps and driver, over HTTPS; only the cloud is a folder.
"""

from migrate_service.drivers import errors
from migrate_service.worker.steps import precopy
from migrate_service.worker.steps import remove_snapshots
from migrate_service.worker.steps import stop_source
from tests.lab.vcenter import rounds_case

NAME = 'tiny-3'
MIB = 1 << 20


class TestRounds(rounds_case.Case):
    name = NAME

    def methods(self, work):
        return [
            ''.join(set(made['methods'].values()))
            for made in work.progress['rounds']
        ]

    def test_rounds_of_a_machine_that_is_written(self):
        work = self.work(verify='full')
        self.vcenter.writer(NAME, rate=4 * MIB)
        self.addCleanup(self.vcenter.writer, NAME, rate=0)
        for _round in range(3):
            precopy.run(work)
            self.assertEqual([], self.vcenter.vms()[NAME]['snapshots'])
        self.assertEqual(['full', 'changed', 'changed'], self.methods(work))
        self.assertIsNotNone(work.progress['rounds'][-1]['downtime'])
        self.finish(work)
        methods = work.result['final_copy']['methods']
        self.assertEqual({'changed'}, set(methods.values()))
        self.assertEqual([], work.warnings)

    def test_paged_and_generous_answers(self):
        work = self.work()
        self.vcenter.knobs(max_areas=3, over_report=True)
        precopy.run(work)
        for at in range(20):
            self.vcenter.write(NAME, 0, at * 3 * MIB, 5000, seed=at)
        precopy.run(work)
        made = work.progress['rounds'][-1]
        self.assertEqual(['full', 'changed'], self.methods(work))
        self.assertLess(20 * 5000, made['bytes'])
        self.finish(work)

    def test_a_reset_is_answered_by_a_comparison(self):
        work = self.work()
        precopy.run(work)
        self.vcenter.reset_tracking(NAME)
        self.vcenter.write(NAME, 0, 7 * MIB, 100, seed=1)
        precopy.run(work)
        precopy.run(work)
        self.assertEqual('compared', self.methods(work)[1])
        self.finish(work)

    def test_broken_tracking_is_answered_by_a_comparison(self):
        work = self.work()
        precopy.run(work)
        self.vcenter.knobs(cbt_broken=True)
        self.vcenter.write(NAME, 0, 9 * MIB, 100, seed=1)
        precopy.run(work)
        self.assertEqual(['full', 'compared'], self.methods(work))
        self.assertEqual(4 * MIB, work.progress['rounds'][-1]['bytes'])
        self.finish(work)

    def test_a_disk_that_was_moved_is_found_again(self):
        work = self.work()
        precopy.run(work)
        self.vcenter.move(NAME, 'ds-slow', reset_cbt=True)
        self.vcenter.write(NAME, 0, 11 * MIB, 100, seed=1)
        precopy.run(work)
        self.finish(work)

    def test_a_disk_that_grew_is_compared_once(self):
        work = self.work()
        precopy.run(work)
        self.vcenter.extend(NAME, 0, 80 * MIB)
        self.vcenter.write(NAME, 0, 70 * MIB, 100, seed=1)
        precopy.run(work)
        precopy.run(work)
        self.assertEqual(['full', 'compared', 'changed'], self.methods(work))
        self.machine = self.source.machine(self.key)
        self.finish(work)

    def test_foreign_snapshots_are_refused(self):
        work = self.work()
        precopy.run(work)
        self.source.create_snapshot(self.key, 'backup')
        self.addCleanup(self.source.remove_snapshot, self.key, 'backup')
        self.assertRaises(errors.MachineHasSnapshots, precopy.run, work)
        self.assertRaises(errors.MachineHasSnapshots, stop_source.run, work)
        self.assertEqual('on', self.source.power_state(self.key))

    def test_what_is_left_unconsolidated_is_consolidated_or_told(self):
        work = self.work()
        self.vcenter.knobs(leave_delta=True)
        try:
            precopy.run(work)
        except errors.MachineNotConsolidated:
            self.vcenter.knobs()
            precopy.run(work)
        self.vcenter.knobs()
        self.finish(work)

    def test_a_snapshot_whose_answer_never_came_is_found(self):
        work = self.work()
        fault = {
            'method': 'CreateSnapshot_Task',
            'machine': NAME,
            'fault': 'FileFault',
            'count': 1,
            'late': True,
        }
        self.vcenter.knobs(fail_tasks=[fault])
        self.assertRaises(errors.SourceFault, precopy.run, work)
        self.vcenter.knobs()
        precopy.run(work)
        self.assertEqual([], self.vcenter.vms()[NAME]['snapshots'])
        self.finish(work)

    def test_the_rollback_leaves_the_machine_as_it_was(self):
        work = self.work()
        self.vcenter.knobs(frozen=False)
        precopy.run(work)
        self.source.create_snapshot(self.key, work.id)
        work.ledger.intend('snapshot', precopy.SNAPSHOT)
        remove_snapshots.run(work)
        vm = self.vcenter.vms()[NAME]
        self.assertEqual([], vm['snapshots'])
        self.assertFalse(vm['change_tracking'])
