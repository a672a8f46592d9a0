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
"""Assessments from the request to the totals, between fake ends."""

from migrate_service.db.api import assessments as assessments_db
from tests.functional import base

GIB = 1024**3


class TestCase(base.TestCase):
    def assess(self, source_id, **values):
        """Have machines assessed and return the ended assessment."""
        body = {
            'source_id': source_id,
            'networks': [{'source': 'network-1', 'network_id': base.NETWORK}],
        } | values
        answer = self.request('POST', '/assessments', {'assessment': body})
        return self.ended(answer['assessment']['id'])

    def ended(self, id):
        def has_ended():
            row = self.request('GET', f'/assessments/{id}')['assessment']
            return row if row['status'] in assessments_db.ENDED else None

        return self.wait_for(has_ended, 'the end of the assessment')

    def found(self, id, query=''):
        """Return ``{machine: [codes]}`` in the order of the answer."""
        answer = self.request('GET', f'/assessments/{id}/machines{query}')
        return {
            machine['name']: [one['code'] for one in machine['concerns']]
            for machine in answer['machines']
        }


class TestAssessments(TestCase):
    def test_all_machines_are_judged_and_nothing_is_made(self):
        self.add_machine('good')
        self.add_machine('old', template=True, tpm=True)
        before = self.inventory_of_clouds()
        row = self.assess(self.ready_source(), all=True, keep_ip=False)
        self.assertEqual('completed', row['status'], row['error'])
        self.assertEqual(
            {
                'good': [],
                'old': ['concern.machine_template', 'concern.tpm'],
            },
            self.found(row['id']),
        )
        totals = row['totals']
        self.assertEqual(
            (2, 1, 0),
            (totals['machines'], totals['blocked'], totals['warned']),
        )
        self.assertEqual(before, self.inventory_of_clouds())

    def test_the_order_is_that_of_the_request(self):
        machines = [self.add_machine(name) for name in ('a', 'b', 'c')]
        ids = [machine.key for machine in reversed(machines)]
        row = self.assess(self.ready_source(), machine_ids=ids)
        self.assertEqual(['c', 'b', 'a'], list(self.found(row['id'])))

    def test_the_gigabyte_too_many_is_told_with_the_figure(self):
        self.clouds.put({'gigabytes': [200, 0]}, 'target', 'quotas')
        machines = [
            self.add_machine('first', sizes=(1,)),
            self.add_machine('second', sizes=(1,)),
        ]
        source_id = self.ready_source()
        for machine, size in zip(machines, (150, 51), strict=True):
            self.resize(machine, size * GIB)
        self.refresh(source_id)
        ids = [machine.key for machine in machines]
        row = self.assess(source_id, machine_ids=ids, keep_ip=False)
        self.assertEqual(
            {'first': [], 'second': ['concern.quota_exceeded']},
            self.found(row['id']),
        )
        (quota,) = [
            quota
            for quota in row['totals']['quotas']
            if quota['name'] == 'gigabytes'
        ]
        self.assertEqual(
            {
                'name': 'gigabytes',
                'needed': 201,
                'limit': 200,
                'used': 0,
                'free': 200,
                'suffices': False,
            },
            quota,
        )

    def resize(self, machine, size):
        data = self.clouds.get('machines', machine.key)
        data['disks'][0]['size'] = size
        self.clouds.put(data, 'machines', machine.key)

    def refresh(self, source_id):
        self.request('POST', f'/sources/{source_id}/refresh')
        self.wait_for(
            lambda: self.source(source_id).refresh_requested_at is None,
            'a refreshed source',
        )

    def test_pages_and_filters(self):
        for number in range(3):
            self.add_machine(f'm{number}')
        self.add_machine('x', tpm=True)
        row = self.assess(self.ready_source(), all=True, keep_ip=False)
        path = f'/assessments/{row["id"]}/machines'
        page = self.request('GET', f'{path}?limit=3')
        self.assertEqual(3, len(page['machines']))
        marker = page['machines'][-1]['machine_id']
        rest = self.found(row['id'], f'?limit=3&marker={marker}')
        self.assertEqual(['x'], list(rest))
        self.assertEqual(
            {'x': ['concern.tpm']},
            self.found(row['id'], '?severity=warning'),
        )

    def test_a_source_that_is_away_is_a_concern(self):
        self.add_machine('web')
        source_id = self.ready_source()
        self.clouds.fail('open_source', times=1)
        row = self.assess(source_id, all=True)
        (codes,) = self.found(row['id']).values()
        self.assertEqual(['concern.source_unreachable'], codes)

    def test_predictions_follow_what_was_measured(self):
        machine = self.add_machine('web')
        source_id = self.ready_source()
        first = self.assess(source_id, all=True)
        self.assertFalse(first['totals']['rates']['copy_rate']['measured'])
        id = self.create(source_id, machine)
        self.wait_for_status(id, 'completed')
        second = self.assess(source_id, all=True)
        rate = second['totals']['rates']['copy_rate']
        self.assertEqual((True, 1), (rate['measured'], rate['samples']))

    def test_a_failure_is_told_and_it_can_be_deleted(self):
        self.add_machine('web')
        source_id = self.ready_source()
        self.clouds.fail('facts', times=1)
        row = self.assess(source_id, all=True)
        self.assertEqual('error', row['status'])
        self.assertEqual('fake.fault', row['error']['code'])
        self.request('DELETE', f'/assessments/{row["id"]}')
        error = self.assertRaises(
            base.Refused, self.request, 'GET', f'/assessments/{row["id"]}'
        )
        self.assertEqual(404, error.status)

    def test_a_failure_that_passes_is_tried_again(self):
        self.add_machine('web')
        source_id = self.ready_source()
        self.clouds.fail('facts', times=2, retryable=True)
        row = self.assess(source_id, all=True)
        self.assertEqual('completed', row['status'], row['error'])


class TestBlockedLate(TestCase):
    """What only a worker can see blocks at the first step."""

    def test_a_quota_blocks(self):
        self.clouds.put({'metadata_items': [0, 0]}, 'target', 'quotas')
        machine = self.add_machine('web')
        id = self.create(self.ready_source(), machine)
        row = self.wait_for_status(id, 'error')
        self.assertEqual('migration.blocked', row.error['code'])
        self.assertIn('would get 1 properties', row.error['message'])
