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
"""What the queries of the inventory promise, on every server."""

from migrate_service import exceptions
from migrate_service.db import granted
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import machines as machines_db
from migrate_service.db.api import migrations as migrations_db
from migrate_service.db.api import paging
from migrate_service.db.api import sources as sources_db
from tests.functional.db import base

EVERYTHING = paging.Page(sort_key='name')


def machine(key, **values):
    """Return what the queries read of a machine of an inventory."""
    return {
        'key': key,
        'name': key,
        'power_state': 'on',
        'folder': None,
        'cluster': None,
        'guest_family': 'linux',
        'resource_pool': None,
        'nics': [],
        'tags': [],
    } | values


class Inventory:
    """Mixin; each back end runs them all."""

    def setUp(self):
        super().setUp()
        self.source = self.create_source()

    def names(self, **filters):
        rows = machines_db.page(
            self.context, self.source.id, filters, EVERYTHING
        )
        return [row.name for row in rows]

    def store(self, *machines, attempt=0, **items):
        machines_db.store(
            self.context,
            self.source.id,
            None,
            attempt,
            {'machines': machines} | items,
        )

    def test_machines_are_found_by_name_folder_and_tag(self):
        self.store(
            machine('a', name='Web_1 50%', folder='/dc/web', tags=['Prod']),
            machine('b', name='Web21', folder='/dc/web/old', tags=['prod']),
            machine('c', name='webx', folder='/dc/website', tags=['prod ']),
        )
        self.assertEqual(['Web21', 'Web_1 50%', 'webx'], sorted(self.names()))
        self.assertEqual(['Web_1 50%'], self.names(name='WEB_'))
        self.assertEqual(['Web_1 50%'], self.names(name='0%'))
        self.assertEqual(
            ['Web21', 'Web_1 50%'], sorted(self.names(folder='/dc/web/'))
        )
        self.assertEqual(['Web21', 'webx'], self.names(tag='prod'))

    def test_a_scope_is_what_its_parts_show_together(self):
        nic = {'network': 'n1'}
        self.store(
            machine('in', folder='/dc/web', nics=[nic]),
            machine('below', folder='/dc/web/shop'),
            machine('beside', folder='/dc/web-old', nics=[{'network': 'n2'}]),
            machine('tagged', tags=['owner:g']),
            machine('pooled', resource_pool='gold'),
            machine('none'),
            networks=[{'key': key, 'name': key} for key in ('n1', 'n2')],
        )
        for folders, tags, pools, names in (
            (('/dc/web/',), (), (), ['below', 'in']),
            ((), ('owner:g',), (), ['tagged']),
            ((), (), ('gold',), ['pooled']),
            (('/dc/web/shop',), ('owner:g',), (), ['below', 'tagged']),
            ((), (), (), []),
        ):
            scope = granted.Scope(*map(frozenset, (folders, tags, pools)))
            rows = machines_db.page(
                self.context, self.source.id, {}, EVERYTHING, scope
            )
            self.assertEqual(names, [row.name for row in rows])
        scope = granted.Scope(folders=frozenset({'/dc/web'}))
        items = machines_db.item_names(
            self.context, self.source.id, 'network', scope
        )
        self.assertEqual({'n1': 'n1'}, items)

    def test_a_refresh_replaces_the_inventory(self):
        self.store(machine('a', tags=['x', 'y']), machine('b'))
        leases.update(
            self.context, models.Source, self.source.id, {'attempt': 1}
        )
        self.store(
            machine('a', name='A', tags=['y', 'z']),
            attempt=1,
            networks=[{'key': 'n-1', 'name': 'net'}],
        )
        machines_db.finish_refresh(
            self.context, self.source.id, None, 1, {'status': 'ready'}
        )
        self.assertEqual(['A'], self.names())
        self.assertEqual([], self.names(tag='x'))
        self.assertEqual(['A'], self.names(tag='z'))
        names = machines_db.item_names(self.context, self.source.id, 'network')
        self.assertEqual({'n-1': 'net'}, names)

    def test_a_source_goes_with_its_inventory_when_it_is_not_used(self):
        self.store(machine('a', tags=['x']))
        row = self.create_migration(self.source)
        self.assertRaises(
            exceptions.SourceInUse,
            sources_db.delete,
            self.context,
            self.source.id,
        )
        leases.update(
            self.context, models.Migration, row.id, {'status': 'completed'}
        )
        migrations_db.delete(self.context, row.id)
        sources_db.delete(self.context, self.source.id)
        self.assertEqual([], self.names())


class TestInventorySqlite(Inventory, base.TestCase):
    backend = 'sqlite'


class TestInventoryMysql(Inventory, base.TestCase):
    backend = 'mysql'


class TestInventoryPostgresql(Inventory, base.TestCase):
    backend = 'postgresql'
