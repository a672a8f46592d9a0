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


import dataclasses

import testtools

from migrate_service import exceptions
from migrate_service.drivers.openstack import errors
from migrate_service.worker.steps import release_source
from migrate_service.worker.steps import remove_created
from migrate_service.worker.steps import restore_source
from migrate_service.worker.steps import stop_server
from tests.unit.service.worker.steps import fakes

MADE = (
    ('volume', '2000'),
    ('port', '4000'),
    ('attachment', '2000'),
    ('server', 'server'),
    ('trust', 'trust'),
)


def made(work, destination, *, known=True):
    """Let the work have made everything; the answers may have been lost."""
    for kind, key in MADE:
        work.ledger.intend(kind, key)
        if known:
            work.ledger.present(kind, key, f'{kind}-id')
        destination.existing.add((kind, key))


class TestRemoveCreated(testtools.TestCase):
    def test_what_hangs_on_others_goes_first(self):
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination)
        remove_created.run(work)
        self.assertEqual(set(), destination.existing)
        self.assertEqual(
            ['server', 'attachment', 'port', 'volume', 'trust'],
            destination.removed,
        )
        self.assertEqual(
            {'removed'}, {entry['state'] for entry in work.ledger.entries()}
        )

    def test_ids_that_were_never_learnt(self):
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination, known=False)
        remove_created.run(work)
        self.assertEqual(set(), destination.existing)

    def test_second_attempt_after_the_trust_is_gone(self):
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination)
        remove_created.run(work)
        work.open_destination = self.refuse
        remove_created.run(work)

    def test_trust_that_ended_by_itself(self):
        work = fakes.Work()
        work.ledger.present('trust', 'trust', 'trust-id')
        work.open_destination = self.refuse
        remove_created.run(work)
        self.assertEqual('removed', work.ledger.entries('trust')[0]['state'])

    def test_what_is_left_without_a_trust_is_told(self):
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination)
        work.open_destination = self.refuse
        self.assertRaises(errors.TargetTrustGone, remove_created.run, work)
        self.assertEqual('present', work.ledger.entries('volume')[0]['state'])

    def refuse(self):
        raise errors.TargetTrustGone(reason='401')


class TestStopServer(testtools.TestCase):
    def test_only_the_server_goes(self):
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination)
        stop_server.run(work)
        self.assertEqual(['server'], destination.removed)

    def test_nothing_was_made(self):
        work = fakes.Work()
        work.open_destination = None
        stop_server.run(work)


class TestRestoreSource(testtools.TestCase):
    def restore(self, source, previous):
        work = fakes.Work(source)
        work.ledger.intend('power', 'vm-1', previous=previous)
        restore_source.run(work)
        restore_source.run(work)
        return work

    def test_was_on(self):
        source = fakes.Source('off')
        self.restore(source, 'on')
        self.assertEqual(('on', 1), (source.state, source.starts))

    def test_was_off(self):
        source = fakes.Source('off')
        self.restore(source, 'off')
        self.assertEqual('off', source.state)

    def test_is_on_already(self):
        source = fakes.Source('on')
        self.restore(source, 'on')
        self.assertEqual(0, source.starts)

    def test_another_machine_of_the_same_key_is_not_started(self):
        machine = dataclasses.replace(fakes.MACHINE, uuid='another')
        source = fakes.Source('off', machine=machine)
        self.restore(source, 'on')
        self.assertEqual('off', source.state)

    def test_never_touched(self):
        work = fakes.Work()
        work.open_source = None
        restore_source.run(work)


class TestReleaseSource(testtools.TestCase):
    def test_ends_the_delegation_and_nothing_else(self):
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination)
        release_source.run(work)
        self.assertEqual(['trust'], destination.removed)

    def test_cancelled_just_before(self):
        """The last moment to go back is before the trust is gone."""
        destination = fakes.Destination()
        work = fakes.Work(destination=destination)
        made(work, destination)
        work.check = self.cancel
        self.assertRaises(exceptions.Cancelled, release_source.run, work)
        self.assertEqual([], destination.removed)

    def cancel(self):
        raise exceptions.Cancelled()
