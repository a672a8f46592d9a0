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


"""The table of plans."""

from django.template import loader
from django.utils.translation import gettext_lazy as _
from horizon import tables

from migrate_dashboard import action_rows
from migrate_dashboard.content.plans import actions


class Import(tables.LinkAction):
    name = 'import'
    verbose_name = _('Import Plan')
    url = 'horizon:migrate:plans:import'
    classes = ('ajax-modal',)
    icon = 'upload'
    policy_rules = (('migration', 'migrate:plans:create'),)


def _cell(template):
    path = f'migrate/plans/cells/{template}.html'
    return lambda one: loader.render_to_string(path, {'plan': one})


class PlansTable(tables.DataTable):
    name = tables.WrappingColumn(
        'name', verbose_name=_('Plan'), link='horizon:migrate:plans:detail'
    )
    kind = tables.Column(
        'kind',
        verbose_name=_('Kind'),
        display_choices=(('cold', _('Cold')), ('warm', _('Warm'))),
    )
    status = tables.Column(_cell('status'), verbose_name=_('Status'))
    progress = tables.Column(_cell('progress'), verbose_name=_('Progress'))
    waves = tables.Column(
        lambda one: len(one.waves or ()), verbose_name=_('Waves')
    )

    def get_object_display(self, datum):
        return datum.name

    class Meta:
        name = 'plans'
        verbose_name = _('Plans')
        row_class = action_rows.LiveRow
        table_actions = (Import,)
        multi_select = False
        row_actions = tuple(
            action_rows.of_row(action, 'horizon:migrate:plans:act')
            for action in actions.ACTIONS
        )
