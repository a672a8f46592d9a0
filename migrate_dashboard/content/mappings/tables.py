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


"""The table of mappings."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from horizon import tables

from migrate_dashboard import api


class Create(tables.LinkAction):
    name = 'create'
    verbose_name = _('Create Mapping')
    url = 'horizon:migrate:mappings:create'
    classes = ('ajax-modal',)
    icon = 'plus'
    policy_rules = (('migration', 'migrate:mappings:create'),)


class Edit(tables.LinkAction):
    name = 'edit'
    verbose_name = _('Edit Mapping')
    url = 'horizon:migrate:mappings:edit'
    policy_rules = (('migration', 'migrate:mappings:update'),)


class Delete(tables.DeleteAction):
    policy_rules = (('migration', 'migrate:mappings:delete'),)
    help_text = _(
        'Nothing happens to machines and migrations: those that began with '
        'it keep what it said.'
    )

    @staticmethod
    def action_present(count):
        return ngettext_lazy('Delete Mapping', 'Delete Mappings', count)

    @staticmethod
    def action_past(count):
        return ngettext_lazy('Deleted Mapping', 'Deleted Mappings', count)

    def delete(self, request, mapping_id):
        api.call(request, 'delete_mapping', mapping_id)


class MappingsTable(tables.DataTable):
    name = tables.WrappingColumn(
        'name',
        verbose_name=_('Mapping'),
        link='horizon:migrate:mappings:edit',
    )
    source = tables.Column('source_name', verbose_name=_('Source'))
    networks = tables.Column(
        lambda one: len(one.networks or ()), verbose_name=_('Networks')
    )
    volume_type = tables.Column(
        lambda one: one.volume_type or _('the default of the cloud'),
        verbose_name=_('Volume type'),
    )
    description = tables.Column(
        'description', verbose_name=_('Description'), empty_value='–'
    )

    def get_object_display(self, datum):
        return datum.name

    class Meta:
        name = 'mappings'
        verbose_name = _('Mappings')
        table_actions = (Create, Delete)
        row_actions = (Edit, Delete)
