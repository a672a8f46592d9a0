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


"""Views of plans: the table, the page of one, its file, its dialogs."""

from django import http
from django.template import loader
from django.urls import reverse_lazy
from django.utils import text
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import tables
from horizon import views

from migrate_client.osc import planfile
from migrate_dashboard import actions as migrate_actions
from migrate_dashboard import api
from migrate_dashboard import dialogs
from migrate_dashboard import live
from migrate_dashboard.content.plans import actions
from migrate_dashboard.content.plans import forms
from migrate_dashboard.content.plans import gantt
from migrate_dashboard.content.plans import tables as plan_tables

INDEX = reverse_lazy('horizon:migrate:plans:index')
#: How many machines and events the page shows; how many migrations it reads.
SHOWN, EVENTS, READ = 100, 50, 1000


def listed(request):
    """Return the plans of the project, the newest first."""
    return api.call(request, 'plans', sort_key='created_at', sort_dir='desc')


class IndexView(tables.DataTableView):
    table_class = plan_tables.PlansTable
    template_name = 'migrate/plans/index.html'
    page_title = _('Plans')

    def get_data(self):
        try:
            return listed(self.request)
        except exceptions.HorizonException:
            exceptions.handle(self.request)
            return []


class RowsView(live.RowsView):
    table_class = plan_tables.PlansTable
    listed = staticmethod(listed)


def everything(request, plan_id):
    """Return the context of the page of a plan and of its parts."""
    plan = api.call(request, 'get_plan', plan_id)
    machines = api.call(request, 'plan_machines', plan_id)
    migrations = api.call(
        request, 'migrations', source_id=plan.source_id, limit=READ,
        sort_key='created_at', sort_dir='desc', paginated=False,
    )  # fmt: skip
    known = {one.id: one for one in migrations}
    events = api.call(
        request, 'plan_events', plan_id, limit=EVENTS,
        sort_key='id', sort_dir='desc', paginated=False,
    )  # fmt: skip
    return {
        'plan': plan,
        'machines': machines[:SHOWN],
        'more': max(0, len(machines) - SHOWN),
        'chart': gantt.chart(plan, machines, known, timezone.now()),
        'events': events,
        'offered': migrate_actions.offered(request, plan, actions.ACTIONS),
    }


class DetailView(views.HorizonTemplateView):
    template_name = 'migrate/plans/detail.html'
    page_title = '{{ plan.name }}'

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        try:
            context.update(everything(self.request, **self.kwargs))
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=INDEX)
        context['url'] = INDEX
        return context


class PartsView(live.LiveView):
    NAMES = ('head', 'waves', 'machines', 'events')

    def parts(self, request, plan_id):
        context = everything(request, plan_id)
        return {
            'parts': {
                name: loader.render_to_string(
                    f'migrate/plans/parts/{name}.html', context, request
                )
                for name in self.NAMES
            }
        }


class ExportView(views.HorizonTemplateView):
    """The plan as a plan file."""

    def get(self, request, plan_id):
        try:
            plan = api.call(request, 'get_plan', plan_id)
            source = api.call(request, 'get_source', plan.source_id)
            machines = api.call(request, 'plan_machines', plan_id)
        except exceptions.HorizonException:
            exceptions.handle(request, redirect=INDEX)
        answer = http.HttpResponse(
            planfile.dump(plan, source.name, machines),
            content_type='application/yaml; charset=utf-8',
        )
        name = f'{text.slugify(plan.name) or "plan"}.yaml'
        answer['Content-Disposition'] = f'attachment; filename="{name}"'
        return answer


class ImportView(dialogs.RefusingView):
    rule = ('migration', 'migrate:plans:create')
    form_class = forms.ImportForm
    template_name = 'migrate/plans/import.html'
    success_url = INDEX
    modal_id = 'import_plan'
    modal_header = page_title = submit_label = _('Import Plan')
    submit_url = reverse_lazy('horizon:migrate:plans:import')


class ActionView(dialogs.ActionView):
    method = 'get_plan'
    actions = actions.BY_NAME
    index = INDEX
    detail = 'horizon:migrate:plans:detail'
