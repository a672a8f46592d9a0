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


"""The table of migrations."""

from django.template import loader
from django.utils.translation import gettext_lazy as _
from horizon import tables

from migrate_dashboard import action_rows
from migrate_dashboard import actions


class MigrateMachines(tables.LinkAction):
    name = 'migrate'
    verbose_name = _('Migrate Machines')
    url = 'horizon:migrate:machines:index'
    icon = 'plus'
    policy_rules = (('migration', 'migrate:migrations:create'),)


class FilterMigrations(tables.FilterAction):
    name = 'filter'

    def filter(self, table, migrations, filter_string):
        wanted = filter_string.casefold()
        return [
            one
            for one in migrations
            if wanted in f'{one.name} {one.machine_name}'.casefold()
        ]


ROW_ACTIONS = tuple(
    action_rows.of_row(action, 'horizon:migrate:migrations:act')
    for action in actions.ACTIONS
)
BULK_ACTIONS = tuple(
    action_rows.of_selection(action)
    for action in actions.ACTIONS
    if action.bulk
)


def _cell(template):
    """Return what renders a cell of a migration."""
    path = f'migrate/migrations/cells/{template}.html'
    return lambda one: loader.render_to_string(path, {'migration': one})


class MigrationsTable(tables.DataTable):
    name = tables.WrappingColumn(
        'name',
        verbose_name=_('Migration'),
        link='horizon:migrate:migrations:detail',
    )
    kind = tables.Column(
        'kind',
        verbose_name=_('Kind'),
        display_choices=(('cold', _('Cold')), ('warm', _('Warm'))),
    )
    status = tables.Column(_cell('status'), verbose_name=_('Status'))
    progress = tables.Column(_cell('progress'), verbose_name=_('Progress'))
    created = tables.Column(_cell('created'), verbose_name=_('Created'))

    def get_object_display(self, datum):
        return datum.name

    class Meta:
        name = 'migrations'
        verbose_name = _('Migrations')
        row_class = action_rows.LiveRow
        table_actions = (FilterMigrations, MigrateMachines, *BULK_ACTIONS[:2])
        table_actions_menu = BULK_ACTIONS[2:]
        row_actions = ROW_ACTIONS
