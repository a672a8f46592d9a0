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

"""The API of plans: what it refuses, and where it says so."""

from migrate_service.db.api import plans as plans_db
from tests.functional.api import base

PLANS = '/v1/plans'


class TestPlans(base.TestCase):
    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source(
            *(base.machine(f'vm-{number}') for number in range(4)),
            base.machine('vm-9', template=True),
        )

    def ask(self, *waves, **values):
        """Ask for a plan with ``(name, ids of machines, more)`` as waves."""
        networks = [{'source': 'network-1', 'network_id': base.TARGET}]
        plan = {
            'name': 'night',
            'source_id': self.source_id,
            'options': {'networks': networks},
            'waves': [self.wave(*wave) for wave in waves],
        }
        body = {'plan': plan | values}
        return self.api.request('POST', PLANS, json=body)

    def wave(self, name, machines, **more):
        machines = [
            one if isinstance(one, dict) else {'machine_id': one}
            for one in machines
        ]
        return {'name': name, 'machines': machines} | more

    def refused(self, response, sentence):
        self.assert_error(response, 400, 'migration.bad_request')
        self.assertIn(sentence, response.json['message'])

    def test_errors_name_the_place(self):
        waves = [self.wave('a', ['vm-0']), self.wave('b', ['vm-1'])]

        def after(number, *names):
            return [
                wave | ({'after': names} if number == place else {})
                for place, wave in enumerate(waves)
            ]

        for asked, sentence in (
            (after(1, 'x'), 'plan.waves.1.after: there is no wave x.'),
            (after(0, 'b'), 'the wave a would wait for itself.'),
            (after(1, 'b'), 'the wave b would wait for itself.'),
            ([waves[0]] * 2, 'plan.waves.1.name: a is given twice.'),
            (
                [waves[0], self.wave('b', ['vm-0'])],
                'plan.waves.1.machines.0.machine_id: the machine vm-0 is',
            ),
        ):
            self.refused(self.ask(waves=asked), sentence)

    def test_options_are_those_of_a_migration(self):
        for options, sentence in (
            ({'convert': 'x'}, 'plan.options: convert: must be one of'),
            ({'speed': 1}, 'plan.options: options: speed is not known here.'),
            ({'override': ['x']}, 'plan.options: override: x cannot'),
            (
                {'require_rehearsal': True},
                'plan.options.require_rehearsal: only a warm',
            ),
        ):
            self.refused(self.ask(('a', ['vm-0']), options=options), sentence)
        machine = {'machine_id': 'vm-0', 'overrides': {'keep_ip': 1}}
        self.refused(
            self.ask(('a', [machine])),
            'plan.waves.0.machines.0.overrides: keep_ip: must be of type',
        )

    def test_groups_start_together_or_are_refused(self):
        group = [
            {'machine_id': f'vm-{number}', 'group': 'g'} for number in range(3)
        ]
        self.refused(
            self.ask(('a', group), concurrency=2),
            'plan.waves.0: the group g has 3 machines',
        )
        self.refused(
            self.ask(('a', group[:1]), ('b', group[1:])),
            'plan.waves.1.machines.0.group: the group g is in the wave a',
        )

    def test_a_machine_that_is_not_there(self):
        response = self.ask(('a', ['vm-7']))
        self.assertEqual(404, response.status_code)

    def test_what_is_blocked_is_told_at_the_start(self):
        plan = self.ask(('a', ['vm-0', 'vm-9'])).json['plan']
        response = self.api.request('POST', f'{PLANS}/{plan["id"]}/start')
        self.assert_error(response, 409, 'plan.blocked')
        self.assertIn('template', response.json['message'])
        self.assertNotIn('vm-0', response.json['message'])

    def test_a_plan_is_changed_as_far_as_its_status_allows(self):
        plan = self.ask(('a', ['vm-0'])).json['plan']
        path = f'{PLANS}/{plan["id"]}'
        waves = [self.wave('b', ['vm-1', 'vm-2'])]
        changed = self.api.request(
            'PATCH', path, json={'plan': {'waves': waves}}
        )
        self.assertEqual(2, changed.json['plan']['progress']['machines'])
        self.assertEqual(
            202, self.api.request('POST', f'{path}/start').status_code
        )
        changed = self.api.request(
            'PATCH', path, json={'plan': {'concurrency': 3}}
        )
        self.assertEqual(3, changed.json['plan']['concurrency'])
        for method, body in (
            ('PATCH', {'plan': {'waves': waves}}),
            ('DELETE', None),
        ):
            response = self.api.request(method, path, json=body)
            self.assert_error(response, 409, 'plan.invalid_transition')

    def test_every_action_is_refused_where_it_leads_nowhere(self):
        plan = self.ask(('a', ['vm-0'])).json['plan']
        for action in ('pause', 'resume', 'cancel'):
            response = self.api.request(
                'POST', f'{PLANS}/{plan["id"]}/{action}'
            )
            self.assert_error(response, 409, 'plan.invalid_transition')

    def test_a_trust_of_a_start_that_died_is_no_obstacle(self):
        plan = self.ask(('a', ['vm-0'])).json['plan']
        plans_db.mark_trust(self.context, plan['id'], 'a mark')
        response = self.api.request('POST', f'{PLANS}/{plan["id"]}/start')
        self.assertEqual('running', response.json['plan']['status'])
