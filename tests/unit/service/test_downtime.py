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


"""What a cutover would take, and where the figures are from."""

import datetime

import testtools

from migrate_service import downtime

MIB = 1024**2


def made(**values):
    return {
        'bytes': MIB,
        'seconds': 10,
        'rate': 100 * MIB,
        'dirty_rate': None,
        'ended_at': '2026-01-01T12:00:10.000Z',
    } | values


def result(kind='minimal', **parts):
    return {'downtime': parts, 'conversion': {'kind': kind}}


ROUNDS = [made(), made(dirty_rate=10 * MIB)]


class TestDowntime(testtools.TestCase):
    def predict(self, interval=100, history=(), **conversion):
        measured = downtime.measure(
            history, 'source-1', conversion.get('kind')
        )
        progress = {'rounds': ROUNDS, 'conversion': conversion or None}
        return downtime.predict(progress, interval, measured)

    def test_nothing_is_told_before_a_delta_was_measured(self):
        progress = {'rounds': ROUNDS[:1]}
        self.assertIsNone(downtime.predict(progress, 1, {}))
        self.assertIsNone(downtime.predict({}, 1, {}))

    def test_a_guest_that_rests_is_predicted_too(self):
        idle = made(rate=0, dirty_rate=0)
        rounds = [made(), *[idle] * 5]
        self.assertEqual((0, 100 * MIB), downtime.rates(rounds))
        self.assertEqual(downtime.OVERHEAD, downtime.delta(rounds, 9999))
        busy = [*rounds, made(rate=0, dirty_rate=10 * MIB)]
        self.assertEqual(downtime.OVERHEAD + 10, downtime.delta(busy, 100))

    def test_the_total_is_the_sum_of_the_parts(self):
        told = self.predict()
        self.assertEqual(downtime.OVERHEAD + 10, told['parts']['delta'])
        self.assertEqual(sum(told['parts'].values()), told['total'])
        self.assertEqual('rounds', told['basis']['delta'])
        self.assertEqual('default', told['basis']['shutdown'])

    def test_medians_of_the_same_source_win(self):
        history = [
            ('source-1', result(shutdown=5)),
            ('source-1', result(shutdown=9)),
            ('source-1', result(shutdown=700)),
            ('source-2', result(shutdown=1, boot=33)),
        ]
        told = self.predict(history=history)
        self.assertEqual(9, told['parts']['shutdown'])
        self.assertEqual('source', told['basis']['shutdown'])
        self.assertEqual(33, told['parts']['boot'])
        self.assertEqual('deployment', told['basis']['boot'])

    def test_a_conversion_is_measured_by_others_of_its_kind(self):
        history = [('source-1', result('full', convert=900))]
        told = self.predict(history=history, kind='minimal', writes=True)
        self.assertEqual(downtime.CONVERT['minimal'], told['parts']['convert'])
        told = self.predict(history=history, kind='full', writes=True)
        self.assertEqual(900, told['parts']['convert'])

    def test_a_guest_that_needs_no_change_is_quick(self):
        told = self.predict(kind='none', writes=False)
        self.assertEqual(downtime.UNTOUCHED, told['parts']['convert'])

    def test_when_the_disks_were_frozen(self):
        self.assertEqual(
            datetime.datetime(2026, 1, 1, 12, 0, 0),
            downtime.frozen_at(ROUNDS),
        )
