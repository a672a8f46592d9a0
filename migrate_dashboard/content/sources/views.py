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


"""Views of sources."""

from django.urls import reverse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import tables
from openstack_dashboard import policy

from migrate_dashboard import api
from migrate_dashboard import dialogs
from migrate_dashboard import live
from migrate_dashboard.content.sources import certificates
from migrate_dashboard.content.sources import forms as source_forms
from migrate_dashboard.content.sources import tables as source_tables

INDEX = reverse_lazy('horizon:migrate:sources:index')


class IndexView(tables.DataTableView):
    table_class = source_tables.SourcesTable
    template_name = 'migrate/sources/index.html'
    page_title = _('Sources')

    def get_data(self):
        try:
            return api.call(self.request, 'sources', sort_key='name')
        except exceptions.HorizonException:
            exceptions.handle(self.request)
            return []

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context['may_register'] = policy.check(
            source_tables.Register.policy_rules, self.request
        )
        return context


class RowsView(live.LiveView):
    def parts(self, request):
        sources = api.call(request, 'sources', sort_key='name')
        table = source_tables.SourcesTable(request, sources)
        rows = [
            {'id': row.datum.id, 'html': row.render()}
            for row in table.get_rows()
        ]
        return {'rows': rows}


class RegisterView(dialogs.RefusingView):
    rule = ('migration', 'migrate:sources:create')
    form_class = source_forms.RegisterForm
    template_name = 'migrate/sources/register.html'
    success_url = INDEX
    modal_id = 'register_source'
    modal_header = page_title = submit_label = _('Register Source')
    submit_url = reverse_lazy('horizon:migrate:sources:register')


class CertificateView(dialogs.RefusingView):
    rule = ('migration', 'migrate:sources:update')
    form_class = source_forms.CertificateForm
    template_name = 'migrate/sources/certificate.html'
    success_url = INDEX
    modal_id = 'confirm_certificate'
    modal_header = page_title = _('Check Certificate')
    submit_label = _('Trust This Certificate')

    def get_source(self):
        if not hasattr(self, '_source'):
            try:
                self._source = api.call(
                    self.request, 'get_source', self.kwargs['source_id']
                )
            except exceptions.HorizonException:
                exceptions.handle(self.request, redirect=INDEX)
        return self._source

    def get_initial(self):
        source = self.get_source()
        return {
            'source_id': source.id,
            'fingerprint': certificates.presented(source),
        }

    def get_context_data(self, **kwargs):
        self.submit_url = reverse(
            'horizon:migrate:sources:certificate',
            args=(self.kwargs['source_id'],),
        )
        context = super().get_context_data(**kwargs)
        context['source'] = self.get_source()
        context['fingerprint'] = certificates.presented(self.get_source())
        return context
