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


"""Views of migrations: the table, the page of one, its dialogs."""

from django.template import loader
from django.urls import reverse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import tables
from horizon import views

from migrate_dashboard import actions
from migrate_dashboard import api
from migrate_dashboard import dialogs
from migrate_dashboard import live
from migrate_dashboard import steps
from migrate_dashboard.content.migrations import forms as migration_forms
from migrate_dashboard.content.migrations import rounds
from migrate_dashboard.content.migrations import tables as migration_tables

INDEX = reverse_lazy('horizon:migrate:migrations:index')
#: How many a page of the table shows.
PAGE = 100
#: How many characters of the logs the page offers.
TAIL = 64 * 1024


def listed(request):
    """Return the newest migrations of the project."""
    return api.call(
        request,
        'migrations',
        sort_key='created_at',
        sort_dir='desc',
        limit=PAGE,
        paginated=False,
    )


class IndexView(tables.DataTableView):
    table_class = migration_tables.MigrationsTable
    template_name = 'migrate/migrations/index.html'
    page_title = _('Migrations')

    def get_data(self):
        try:
            return listed(self.request)
        except exceptions.HorizonException:
            exceptions.handle(self.request)
            return []


class RowsView(live.RowsView):
    table_class = migration_tables.MigrationsTable
    listed = staticmethod(listed)


class DetailView(views.HorizonTemplateView):
    template_name = 'migrate/migrations/detail.html'
    page_title = '{{ migration.name }}'

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        try:
            context.update(everything(self.request, **self.kwargs))
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=INDEX)
        context['url'] = INDEX
        return context


def everything(request, migration_id):
    """Return the context of the page of a migration and of its parts."""
    migration = api.call(request, 'get_migration', migration_id)
    events = api.call(request, 'migration_events', migration_id)
    rehearsals = []
    if migration.kind == 'warm':
        rehearsals = api.call(request, 'rehearsals', migration_id)
    return {
        'migration': migration,
        'events': events[::-1],
        'rehearsals': rehearsals[::-1],
        'track': steps.track(migration),
        'offered': actions.offered(request, migration),
        'graph': rounds.graph((migration.progress or {}).get('rounds')),
        'downtime': rounds.downtime(migration),
        'request': request,
    }


class PartsView(live.LiveView):
    NAMES = ('head', 'disks', 'rounds', 'result', 'events')

    def parts(self, request, migration_id):
        context = everything(request, migration_id)
        return {
            'parts': {
                name: loader.render_to_string(
                    f'migrate/migrations/parts/{name}.html', context, request
                )
                for name in self.NAMES
            }
        }


class LogView(live.LiveView):
    """The end of what the tools of a migration wrote."""

    def parts(self, request, migration_id):
        pieces = api.call(request, 'migration_log', migration_id)
        text = ''.join(
            f'--- {one.created_at} {one.step} {one.tool}\n{one.text}\n'
            for one in pieces
        )
        return {'text': text[-TAIL:]}


class RehearsalView(views.HorizonTemplateView):
    template_name = 'migrate/migrations/rehearsal.html'
    page_title = _('Rehearsal')

    def get_context_data(self, migration_id, rehearsal_id, **kwargs):
        context = super().get_context_data(**kwargs)
        back = reverse(
            'horizon:migrate:migrations:detail', args=(migration_id,)
        )
        try:
            context['rehearsal'] = api.call(
                self.request, 'get_rehearsal', rehearsal_id, migration_id
            )
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=back)
        context['url'] = back
        return context


class ActionView(dialogs.ActionView):
    method = 'get_migration'
    actions = actions.BY_NAME
    forms = migration_forms.FORMS
    index = INDEX
    detail = 'horizon:migrate:migrations:detail'

    def get_form_class(self):
        if self.action.name == 'rollback' and self.get_object().kind != 'warm':
            return dialogs.ActionForm
        return super().get_form_class()
