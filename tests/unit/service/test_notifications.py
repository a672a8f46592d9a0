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

"""What other services hear of a migration."""

import testtools

from migrate_service import context
from migrate_service import notifications
from migrate_service.api.schemas import migrations as schemas
from migrate_service.db import models


class Notifier:
    """Keeps what it is given; fails when asked to."""

    def __init__(self, broken=False):
        self.sent = []
        self.broken = broken

    def info(self, context, event, payload):
        if self.broken:
            raise ConnectionError('no broker')
        self.sent.append(('info', event, payload))

    def error(self, context, event, payload):
        self.sent.append(('error', event, payload))


class TestEmit(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.row = models.Migration(
            id='an-id',
            status='running',
            worker='node-1',
            options={'keep_mac': False},
            progress={'disks': [{'key': '1', 'total': 8, 'copied': 4}]},
            result={},
            checkpoint={'secret': 'x'},
            trust_id='a-trust',
        )

    def _emit(self, notifier, event):
        notifications.emit(
            notifier, context.service_context(), self.row, event, 'A sentence.'
        )

    def test_events_are_named_for_the_transition(self):
        notifier = Notifier()
        for event in ('taken_over', 'failed'):
            self._emit(notifier, event)
        self.assertEqual(
            [('info', 'migration.taken_over'), ('error', 'migration.failed')],
            [sent[:2] for sent in notifier.sent],
        )
        payload = notifier.sent[0][2]
        self.assertEqual('an-id', payload['migration']['id'])
        self.assertEqual('A sentence.', payload['message'])

    def test_it_is_the_view_of_the_api(self):
        notifier = Notifier()
        self._emit(notifier, 'started')
        told = notifier.sent[0][2]['migration']
        self.assertEqual(set(schemas.migration['properties']), set(told))
        self.assertEqual(50, told['progress']['percent'])
        self.assertEqual('node-1', told['worker'])
        self.assertFalse(told['keep_mac'])

    def test_no_secret_and_no_delegation_is_told(self):
        notifier = Notifier()
        self._emit(notifier, 'started')
        told = notifier.sent[0][2]['migration']
        self.assertEqual(set(), {'trust_id', 'checkpoint'} & set(told))

    def test_a_broker_that_is_away_costs_only_the_notification(self):
        self._emit(Notifier(broken=True), 'started')
