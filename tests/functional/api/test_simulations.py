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

"""Simulations of plans, asked for over HTTP."""

from migrate_service.api.v1 import simulations
from migrate_service.db import models
from migrate_service.db.api import workers
from tests.functional.api import base

GIB = 2**30
#: What a machine of 50 GiB takes where nothing was measured yet: a copy with
#: 50 MiB a second, then 30 s shutdown, 60 s conversion and 60 s boot.
COPY, CUTOVER = 1024, 150


class TestSimulations(base.TestCase):
    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source(
            *(
                base.machine(f'vm-{number}', disk={'size': 50 * GIB})
                for number in range(4)
            ),
        )
        self.plan_id = self.plan()

    def plan(self, **values):
        networks = [{'source': 'network-1', 'network_id': base.TARGET}]
        ids = [{'machine_id': f'vm-{number}'} for number in range(4)]
        plan = {
            'name': 'night',
            'source_id': self.source_id,
            'options': {'networks': networks},
            'waves': [
                {'name': 'one', 'machines': ids[:2]},
                {'name': 'two', 'machines': ids[2:]},
            ],
        }
        answer = self.api.request(
            'POST', '/v1/plans', 'manager', json={'plan': plan | values}
        )
        return answer.json['plan']['id']

    def simulate(self, id=None, **query):
        path = f'/v1/plans/{id or self.plan_id}/simulation'
        answer = self.api.request('GET', path, query_string=query)
        self.assertEqual(200, answer.status_code, answer.text)
        return answer.json['simulation']

    def test_the_end_and_what_holds_it_up(self):
        found = self.simulate(nodes=1, slots=4)
        self.assertEqual(2 * (COPY + CUTOVER), found['seconds'])
        self.assertEqual('order', found['bottleneck'])
        self.assertEqual(
            [{'bound': 'order', 'seconds': COPY + CUTOVER}], found['relief']
        )
        self.assertEqual(
            (4 * 50 * GIB, False), (found['bytes'], found['measured'])
        )
        first, second = found['waves']
        self.assertEqual(first['ends_at'], second['begins_at'])
        self.assertEqual(found['ends_at'], second['ends_at'])

    def test_what_if(self):
        for expected, query in (
            (2 * (COPY + CUTOVER), {'nodes': 2, 'slots': 1}),
            (4 * (COPY + CUTOVER), {'nodes': 1, 'slots': 1}),
            (4 * (COPY + CUTOVER), {'nodes': 9, 'concurrency': 1}),
            (
                2 * (2 * COPY + CUTOVER),
                {'nodes': 9, 'slots': 9, 'budget': 50 * 2**20},
            ),
        ):
            self.assertEqual(expected, self.simulate(**query)['seconds'])

    def test_the_nodes_that_are_there(self):
        for name, slots, state in (
            ('node-1', 3, 'enabled'),
            ('node-2', 5, 'enabled'),
            ('node-3', 9, 'disabled'),
        ):
            values = {'incarnation': name, 'version': '1', 'slots': slots}
            values['last_seen_at'] = models.now()
            workers.seen(self.context, name, values)
            workers.change(self.context, name, {'state': state})
        found = self.simulate()
        self.assertEqual((2, 4), (found['nodes'], found['slots']))

    def test_a_machine_that_is_slowed_down(self):
        options = {
            'networks': [{'source': 'network-1', 'network_id': base.TARGET}],
            'bandwidth_limit': 25 * 2**20,
        }
        found = self.simulate(self.plan(options=options), nodes=9)
        self.assertEqual(2 * (2 * COPY + CUTOVER), found['seconds'])

    def test_a_plan_that_does_not_end(self):
        windows = {'start': {'not_after': '2020-01-01T00:00:00Z'}}
        found = self.simulate(self.plan(windows=windows))
        self.assertIsNone(found['ends_at'])
        self.assertIn('window for starts', found['reason'])
        self.assertEqual('windows', found['bottleneck'])

    def test_too_many_are_refused(self):
        self.patch(simulations, 'MOST', 1)
        path = f'/v1/plans/{self.plan_id}/simulation'
        answer = self.api.request('GET', path)
        self.assert_error(answer, 409, 'plan.too_large', 'has 4 machines')
