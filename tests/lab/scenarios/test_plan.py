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

"""A plan of eight machines: order, caps, a group, a failure and its rule."""

import datetime
import json
import pathlib
import tempfile

from openstack import utils

from tests.lab import service
from tests.lab.scenarios import base
from tests.lab.service import move
from tests.lab.service import tenants

DATABASES = ('tiny-1', 'tiny-2', 'tiny-3', 'tiny-4')
SHOP = ('tiny-5', 'tiny-6')
REST = ('tiny-7', 'tiny-8')
MACHINES = (*DATABASES, *SHOP, *REST)
#: Of the plan, and of the wave of databases.
CAP, WAVE_CAP = 5, 3


class TestPlan(base.Scenario):
    """Two nodes of four slots each: five machines at a time need both."""

    def setUp(self):
        super().setUp()
        for machine in MACHINES:
            self.reset(machine)
        self.look_again()
        self.close_door('plan_conversion', 'pretend')
        self.close_door('convert', 'pretend')
        self.trusts = self.trust_ids()
        self.plan_id = self.create()
        self.addCleanup(self.remove)

    def look_again(self):
        """Let the service see the machines as they are after their reset.

        The inventory may be of a moment at which they had snapshots.
        """
        source = self.manager.migration.refresh_source(self.source.id)
        asked = source.refresh_requested_at
        for _ in utils.iterate_timeout(90, 'nobody looked', wait=0.3):
            source = self.manager.migration.get_source(self.source.id)
            if source.inventory_at > asked:
                return

    def create(self):
        """Create the plan from a file, as users do; return its id."""
        machine = self.member.migration.find_machine('tiny-1', self.source)
        networks = tenants.machine_networks(self.member, self.source, machine)
        plan = {
            'name': 'night',
            'source': self.source.name,
            'kind': 'warm',
            'concurrency': CAP,
            'on_failure': 'stop',
            'options': {
                'networks': networks,
                'volume_type': 'lab-nfs',
                'probe': {'console': False},
                'acceptance': 'auto',
                'sync_interval': 3600,
                'keep_ip': False,
            },
            'waves': [
                {
                    'name': 'databases',
                    'concurrency': WAVE_CAP,
                    'machines': list(DATABASES),
                },
                {
                    'name': 'shop',
                    'after': [],
                    'machines': [
                        {'machine': name, 'group': 'shop'} for name in SHOP
                    ],
                },
                {
                    'name': 'rest',
                    'after': ['databases'],
                    'machines': list(REST),
                },
            ],
        }
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'plan.yaml')
            # JSON is YAML.
            path.write_text(json.dumps(plan))
            done = move.openstack(
                [
                    *('openstack', 'migration', 'plan', 'create'),
                    *('-f', 'json', str(path)),
                ],
                'manager-a',
            )
        return json.loads(done.stdout)['id']

    def remove(self):
        """Cancel what has not ended, delete plan and servers."""
        self.vcenter.knobs()
        self.open_doors()
        migration = self.manager.migration
        if migration.get_plan(self.plan_id).status in ('running', 'error'):
            migration.cancel_plan(self.plan_id)
            self.wait_plan('cancelled')
        ids = [
            one.migration_id for one in migration.plan_machines(self.plan_id)
        ]
        self.without_trust()
        migration.delete_plan(self.plan_id)
        for id in filter(None, ids):
            self.clean_up(id)

    def test_order_caps_group_and_failure(self):
        self.close_door('inspect', 'hold')
        self.manager.migration.start_plan(self.plan_id)
        self.assert_both_nodes_work()
        self.wait_states(waiting=(*DATABASES, *SHOP), pending=REST)
        self.assertEqual(1, len(self.trust_ids()) - len(self.trusts))
        self.assert_failure_stops()
        self.vcenter.knobs()
        self.manager.migration.resume_plan(self.plan_id)
        plan = self.wait_plan('completed')
        self.assertEqual(100, plan.progress['percent'])
        self.assert_order()
        self.assert_caps()
        self.assert_group()
        self.without_trust()

    def assert_both_nodes_work(self):
        """As many move as may, by plan and by wave, on both nodes."""
        workers = {}
        for _ in utils.iterate_timeout(120, 'not all begun', wait=0.3):
            ids = [one.migration_id for one in self.machines().values()]
            workers = {
                id: self.admin.migration.get_migration(id).worker
                for id in filter(None, ids)
            }
            if len(workers) == CAP and all(workers.values()):
                break
        self.assertEqual(set(service.NODES), set(workers.values()))
        self.wait_states(
            moving=(*DATABASES[:WAVE_CAP], *SHOP),
            pending=(*DATABASES[WAVE_CAP:], *REST),
        )
        self.open_door('inspect')

    def assert_failure_stops(self):
        """One of the group cannot be stopped: what is next does not begin.

        The databases arrive after the failure, so that the last wave has
        nothing else to wait for.
        """
        self.vcenter.fault(
            'ShutdownGuest', 'RuntimeFault', object=SHOP[0], message='planted'
        )
        self.close_door('create_server', 'hold')
        self.manager.migration.cut_over_plan(self.plan_id)
        plan = self.wait_plan('error')
        self.assertEqual('plan.stopped', plan.error['code'])
        self.assertIn(SHOP[0], plan.error['message'])
        self.open_door('create_server')
        self.wait_states(completed=DATABASES, failed=SHOP, pending=REST)
        self.assertEqual('error', self.wait_plan('error').status)
        power = self.vcenter.vms()
        for name in SHOP:
            self.assertEqual('poweredOn', power[name]['power_state'])

    def assert_order(self):
        """Nothing begins after the stop; the last wave after the first."""
        names = [event.event for event in self.events()]
        between = names[names.index('stopped') : names.index('resume')]
        self.assertNotIn('machine_started', between)
        arrived = [self.moment(name, 'await_acceptance') for name in DATABASES]
        for name in REST:
            self.assertLess(max(arrived), self.begun()[name])
        order = sorted(self.begun(), key=self.begun().get)
        self.assertEqual(set(REST), set(order[-2:]))

    def assert_caps(self):
        """Both caps were reached when somebody began, and none exceeded."""
        begun = self.begun()
        ready = {name: self.moment(name, 'await_cutover') for name in begun}

        def beside(names, moment):
            return sum(begun[one] <= moment < ready[one] for one in names)

        moving = [beside(MACHINES, moment) for moment in begun.values()]
        self.assertEqual(CAP, max(moving))
        moving = [beside(DATABASES, begun[name]) for name in DATABASES]
        self.assertEqual(WAVE_CAP, max(moving))

    def assert_group(self):
        """Its members were cut over, and accepted, together."""
        told = {'machine_cutover': [], 'machine_accepted': []}
        names = {one.machine_id: name for name, one in self.machines().items()}
        for event in self.events():
            if event.event in told and names[event.machine_id] in SHOP:
                told[event.event].append(names[event.machine_id])
        # Those of one transaction have no order among them.
        first, again = told['machine_cutover'][:2], told['machine_cutover'][2:]
        self.assertCountEqual(SHOP, first)
        self.assertCountEqual(SHOP, again)
        self.assertCountEqual(SHOP, told['machine_accepted'])
        accepted = [
            moment_of(event)
            for event in self.events()
            if event.event == 'machine_accepted'
        ]
        for name in SHOP:
            arrived = self.moment(name, 'await_acceptance')
            self.assertLessEqual(arrived, min(accepted))

    def machines(self):
        """Return ``{name: machine}`` of the plan."""
        found = self.member.migration.plan_machines(self.plan_id)
        return {machine.name: machine for machine in found}

    def events(self):
        return list(self.member.migration.plan_events(self.plan_id))

    def begun(self):
        """Return ``{name: when it began}`` as the plan tells."""
        names = {one.machine_id: name for name, one in self.machines().items()}
        return {
            names[event.machine_id]: moment_of(event)
            for event in self.events()
            if event.event == 'machine_started'
        }

    def moment(self, name, step):
        """Return when a machine came to ``step`` first."""
        id = self.machines()[name].migration_id
        return next(
            moment_of(event)
            for event in self.member.migration.migration_events(id)
            if event.step == step
        )

    def wait_plan(self, status):
        for _ in utils.iterate_timeout(400, f'not {status}', wait=0.5):
            plan = self.member.migration.get_plan(self.plan_id)
            if plan.status == status:
                return plan
            self.assertNotEqual('error', plan.status, plan.error)

    def wait_states(self, **names):
        """Return once the machines are in these states."""
        wanted = {name: state for state in names for name in names[state]}
        found = {}
        try:
            for _ in utils.iterate_timeout(400, 'too late', wait=0.5):
                found = {
                    name: one.state for name, one in self.machines().items()
                }
                if wanted.items() <= found.items():
                    return
        except utils.exceptions.ResourceTimeout:
            self.fail(f'{found}, not {wanted}; {self.errors()}')

    def errors(self):
        return {name: one.error for name, one in self.machines().items()}

    def trust_ids(self):
        return base.ids(self.admin.identity.trusts())

    def without_trust(self):
        """Return once the trust of the plan is gone from Keystone."""
        for _ in utils.iterate_timeout(120, 'the trust stays', wait=0.5):
            if self.trust_ids() == self.trusts:
                return


def moment_of(event):
    return datetime.datetime.fromisoformat(event.created_at)
