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

"""What the conductor that drives plans does where the world is unkind."""

import types

import testtools

from migrate_service import exceptions
from migrate_service import trusts
from migrate_service.conductor import plans
from migrate_service.db.api import plan_steps
from migrate_service.db.api import plans as plans_db


class Store:
    """Deletes all trusts but one."""

    def delete_as_trustee(self, trust_id):
        if trust_id == 'stuck':
            raise exceptions.TrusteeUnavailable(reason='played')


class TestTrusts(testtools.TestCase):
    def test_one_that_stays_does_not_keep_the_others(self):
        ended = [
            types.SimpleNamespace(id=id, trust_id=id, trust_mark=id)
            for id in ('a', 'stuck', 'b')
        ]
        forgotten = []
        self.patch(plan_steps, 'trusting', lambda context: ended)
        self.patch(trusts, 'for_strategy', lambda conf: Store())
        self.patch(
            plans_db,
            'unmark_trust',
            lambda context, id, mark: forgotten.append(id),
        )
        leases = types.SimpleNamespace(now=None)
        self.patch(plans.limits, 'Limits', lambda conf: None)
        plans.Plans(None, leases).end_trusts(None)
        self.assertEqual(['a', 'b'], forgotten)
