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


"""The table of conversion nodes."""

from django.template import loader
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from horizon import tables

from migrate_dashboard import api


class _SetState(tables.BatchAction):
    policy_rules = (('migration', 'migrate:workers:update'),)
    state: str

    def allowed(self, request, node=None):
        return node is None or node.state != self.state

    def action(self, request, name):
        api.call(request, 'update_worker', name, state=self.state)


class Drain(_SetState):
    name = 'drain'
    state = 'draining'
    help_text = _(
        'The node takes nothing new and hands what it has to others at '
        'their next checkpoint. Sources are not touched.'
    )

    @staticmethod
    def action_present(count):
        return ngettext_lazy('Drain', 'Drain', count)

    @staticmethod
    def action_past(count):
        return ngettext_lazy('Draining', 'Draining', count)


class Disable(_SetState):
    name = 'disable'
    state = 'disabled'
    help_text = _('The node takes nothing new, and ends what it has.')

    @staticmethod
    def action_present(count):
        return ngettext_lazy('Disable', 'Disable', count)

    @staticmethod
    def action_past(count):
        return ngettext_lazy('Disabled', 'Disabled', count)


class Enable(_SetState):
    name = 'enable'
    state = 'enabled'
    help_text = _('The node takes work again.')

    @staticmethod
    def action_present(count):
        return ngettext_lazy('Enable', 'Enable', count)

    @staticmethod
    def action_past(count):
        return ngettext_lazy('Enabled', 'Enabled', count)


def _cell(template):
    path = f'migrate/nodes/cells/{template}.html'
    return lambda one: loader.render_to_string(path, {'node': one})


class NodesTable(tables.DataTable):
    name = tables.Column('name', verbose_name=_('Node'))
    state = tables.Column(_cell('state'), verbose_name=_('State'))
    slots = tables.Column(_cell('slots'), verbose_name=_('Slots'))
    load = tables.Column(_cell('load'), verbose_name=_('Load'))
    transports = tables.Column(
        lambda one: ', '.join(one.transports or ()),
        verbose_name=_('Transports'),
    )
    version = tables.Column('version', verbose_name=_('Version'))
    problems = tables.Column(_cell('problems'), verbose_name=_('Problems'))

    def get_object_id(self, datum):
        return datum.name

    class Meta:
        name = 'nodes'
        verbose_name = _('Conversion Nodes')
        table_actions = (Enable, Drain, Disable)
        row_actions = (Enable, Drain, Disable)
