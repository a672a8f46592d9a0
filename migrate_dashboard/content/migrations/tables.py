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
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from horizon import tables

from migrate_dashboard import actions
from migrate_dashboard import api


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


def _row_action(action):
    """Return the row action that opens the dialog of ``action``."""

    def allowed(self, request, migration=None):
        return migration is not None and action.allowed(migration)

    def get_link_url(self, migration):
        return reverse(
            'horizon:migrate:migrations:act', args=(migration.id, action.name)
        )

    members = {
        'name': f'open_{action.name}',
        'verbose_name': action.verb,
        'classes': ('ajax-modal',),
        'policy_rules': action.policy,
        'action_type': 'danger' if action.danger else 'default',
        'allowed': allowed,
        'get_link_url': get_link_url,
    }
    return type(f'Open{action.name.title()}', (tables.LinkAction,), members)


def _bulk_action(action):
    """Return the action on what is selected; Horizon asks to confirm it."""

    def allowed(self, request, migration=None):
        return migration is None or action.allowed(migration)

    def act(self, request, migration_id):
        api.call(request, action.method, migration_id)

    def present(count):
        return ngettext_lazy(*action.verbs, count)

    members = {
        'name': action.name,
        'icon': action.icon,
        'help_text': action.consequence,
        'policy_rules': action.policy,
        'action_type': 'danger' if action.danger else 'default',
        'action_present': staticmethod(present),
        'action_past': staticmethod(action.past),
        'allowed': allowed,
        'action': act,
    }
    return type(f'Bulk{action.name.title()}', (tables.BatchAction,), members)


ROW_ACTIONS = tuple(_row_action(action) for action in actions.ACTIONS)
BULK_ACTIONS = tuple(
    _bulk_action(action) for action in actions.ACTIONS if action.bulk
)


def _cell(template):
    """Return what renders a cell of a migration."""
    path = f'migrate/migrations/cells/{template}.html'
    return lambda one: loader.render_to_string(path, {'migration': one})


class Row(tables.Row):
    """A row whose name tells the script which migration it shows."""

    def load_cells(self, datum=None):
        super().load_cells(datum)
        self.attrs['data-live-row'] = self.datum.id


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
        row_class = Row
        table_actions = (FilterMigrations, MigrateMachines, *BULK_ACTIONS[:2])
        table_actions_menu = BULK_ACTIONS[2:]
        row_actions = ROW_ACTIONS
