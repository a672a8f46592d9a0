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


"""Views of mappings: the table, and the editor of one."""

from django import shortcuts
from django.core import exceptions as core_exceptions
from django.urls import reverse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import messages
from horizon import tables
from horizon import views
from openstack_dashboard import policy

from migrate_dashboard import api
from migrate_dashboard import dialogs
from migrate_dashboard.content.mappings import forms
from migrate_dashboard.content.mappings import tables as mapping_tables

INDEX = reverse_lazy('horizon:migrate:mappings:index')


class IndexView(tables.DataTableView):
    table_class = mapping_tables.MappingsTable
    template_name = 'migrate/mappings/index.html'
    page_title = _('Mappings')

    def get_data(self):
        try:
            sources = api.call(self.request, 'sources')
            mappings = api.call(self.request, 'mappings', sort_key='name')
        except exceptions.HorizonException:
            exceptions.handle(self.request)
            return []
        names = {one.id: one.name for one in sources}
        for one in mappings:
            one.source_name = names.get(one.source_id, one.source_id)
        return mappings


class CreateView(dialogs.RefusingView):
    rule = ('migration', 'migrate:mappings:create')
    form_class = forms.CreateForm
    template_name = 'migrate/mappings/create.html'
    success_url = INDEX
    modal_id = 'create_mapping'
    modal_header = page_title = submit_label = _('Create Mapping')
    submit_url = reverse_lazy('horizon:migrate:mappings:create')

    def get_form(self, form_class=None):
        try:
            return super().get_form(form_class)
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=INDEX)


class EditView(views.HorizonTemplateView):
    """The two sides of a mapping; who may not change it only looks."""

    template_name = 'migrate/mappings/edit.html'
    page_title = '{{ mapping.name }}'

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if 'form' not in context:
            context['form'] = self.form()
        context['mapping'] = context['form'].mapping
        context['may_change'] = self.may_change()
        context['url'] = INDEX
        return context

    def may_change(self):
        rule = ('migration', 'migrate:mappings:update')
        return policy.check((rule,), self.request)

    def form(self, data=None):
        mapping_id = self.kwargs['mapping_id']
        try:
            return forms.EditForm(
                self.request,
                api.call(self.request, 'get_mapping', mapping_id),
                api.call(self.request, 'unmapped', mapping_id, all=True),
                data,
            )
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=INDEX)

    def post(self, request, mapping_id):
        if not self.may_change():
            raise core_exceptions.PermissionDenied()
        form = self.form(request.POST)
        if 'suggest' in request.POST:
            data = request.POST.copy()
            for name, value in form.suggestions().items():
                data[name] = data.get(name) or value
            return self._show(self.form(data))
        if not form.is_valid():
            return self._show(form)
        try:
            api.call(
                request, 'update_mapping', mapping_id, **form.attributes()
            )
        except exceptions.HorizonException:
            exceptions.handle(request)
            return self._show(form)
        messages.success(request, _('%s is saved.') % form.mapping.name)
        return shortcuts.redirect(
            reverse('horizon:migrate:mappings:edit', args=(mapping_id,))
        )

    def _show(self, form):
        return self.render_to_response(self.get_context_data(form=form))
