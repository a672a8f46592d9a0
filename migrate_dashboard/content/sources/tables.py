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


"""The table of sources."""

from django.template import loader
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from horizon import tables

from migrate_dashboard import action_rows
from migrate_dashboard import api
from migrate_dashboard.content.sources import certificates


class Register(tables.LinkAction):
    name = 'register'
    verbose_name = _('Register Source')
    url = 'horizon:migrate:sources:register'
    classes = ('ajax-modal',)
    icon = 'plus'
    policy_rules = (('migration', 'migrate:sources:create'),)


class ConfirmCertificate(tables.LinkAction):
    name = 'certificate'
    verbose_name = _('Check Certificate')
    classes = ('ajax-modal', 'btn-primary')
    url = 'horizon:migrate:sources:certificate'
    policy_rules = (('migration', 'migrate:sources:update'),)

    def allowed(self, request, source=None):
        return bool(source and certificates.presented(source))


class ShowMachines(tables.LinkAction):
    name = 'machines'
    verbose_name = _('Machines')
    policy_rules = (('migration', 'migrate:inventory:list_machines'),)

    def allowed(self, request, source=None):
        return bool(source and source.inventory_at)

    def get_link_url(self, source):
        return machines_url(source)


class Refresh(tables.BatchAction):
    name = 'refresh'
    icon = 'refresh'
    policy_rules = (('migration', 'migrate:sources:refresh'),)
    help_text = _(
        'The connection is tested and the inventory is read again. Nothing '
        'is changed at the source.'
    )

    @staticmethod
    def action_present(count):
        return ngettext_lazy('Refresh', 'Refresh', count)

    @staticmethod
    def action_past(count):
        return ngettext_lazy(
            'Asked for the refresh of', 'Asked for the refresh of', count
        )

    def action(self, request, source_id):
        api.call(request, 'refresh_source', source_id)


class Delete(tables.DeleteAction):
    policy_rules = (('migration', 'migrate:sources:delete'),)
    help_text = _(
        'The credentials and the inventory are forgotten. Nothing happens '
        'to the machines of the source.'
    )

    @staticmethod
    def action_present(count):
        return ngettext_lazy('Delete Source', 'Delete Sources', count)

    @staticmethod
    def action_past(count):
        return ngettext_lazy('Deleted Source', 'Deleted Sources', count)

    def delete(self, request, source_id):
        api.call(request, 'delete_source', source_id)


def machines_url(source):
    """Return the URL of the page of a source's machines."""
    return f'{reverse("horizon:migrate:machines:index")}?source={source.id}'


def _cell(template):
    path = f'migrate/sources/cells/{template}.html'
    return lambda one: loader.render_to_string(path, {'source': one})


class SourcesTable(tables.DataTable):
    name = tables.WrappingColumn(
        'name', verbose_name=_('Source'), link=machines_url
    )
    address = tables.Column('address', verbose_name=_('Address'))
    product = tables.Column(_cell('product'), verbose_name=_('Product'))
    status = tables.Column(_cell('status'), verbose_name=_('Status'))
    inventory = tables.Column(_cell('inventory'), verbose_name=_('Inventory'))

    def get_object_display(self, datum):
        return datum.name

    class Meta:
        name = 'sources'
        verbose_name = _('Sources')
        row_class = action_rows.LiveRow
        table_actions = (Register, Refresh, Delete)
        row_actions = (ConfirmCertificate, ShowMachines, Refresh, Delete)
