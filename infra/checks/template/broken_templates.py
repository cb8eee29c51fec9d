"""What breaks each rule: edits of the real template (or of a text that it must agree with), each of which breaks this rule alone."""

from edits import DoesNotApply, add, change, in_environment, in_text, remove, replace, together
from subject import METRICS, RUNBOOK

R = "Resources"


def of(name, *path):
    """The way to something among the properties of a resource."""
    return (R, name, "Properties", *path)


def variable(function, name):
    return of(function, "Environment", "Variables", name)


def statement(role, policy, number=0, **members):
    """Changes members of a statement of a role's policy; None takes one away."""

    def edit(subject):
        policies = [one for either in subject.properties(role)["Policies"] for one in either.get("Fn::If", [either])]
        found = [one for one in policies if isinstance(one, dict) and one.get("PolicyName") == policy]
        if len(found) != 1:
            raise DoesNotApply(f"{role} has no policy {policy}")
        changed = found[0]["PolicyDocument"]["Statement"][number]
        for member, value in members.items():
            if changed.get(member) == value:
                raise DoesNotApply(f"{member} of {policy} of {role} is like that already")
            changed[member] = value
            if value is None:
                del changed[member]

    return edit


LEAVE = of("IntakeRole", "Policies", 3, "Fn::If", 1, "PolicyDocument", "Statement", 0)

QUEUES = {
    "visibility_outlasts_the_work": [
        change(*of("BulkChangeQueue", "VisibilityTimeout"), to=719),
        change(*of("Consumer", "Timeout"), to=122),
        add(*of("ConsumerEvents", "MaximumBatchingWindowInSeconds"), value=11),
    ],
    "dead_letters_outlive_the_queue": [
        together(
            change(*of("BulkChangeDeadLetters", "MessageRetentionPeriod"), to=345_600),
            change(*of("DeadLettersExpire", "Threshold"), to=-3600),
        ),
    ],
    "dead_letters_are_told_of_in_time": [
        change(*of("DeadLettersExpire", "Threshold"), to=691_200),
        change(*of("BulkChangeQueue", "MessageRetentionPeriod"), to=864_000),
    ],
    "tries_are_enough": [change(*of("BulkChangeQueue", "RedrivePolicy", "maxReceiveCount"), to=19), remove(*of("BulkChangeQueue", "RedrivePolicy", "maxReceiveCount"))],
    "every_queue_has_dead_letters": [
        remove(*of("BulkChangeQueue", "MessageRetentionPeriod")),
        add(R, "AnotherQueue", value={"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
            "MessageRetentionPeriod": 60, "SqsManagedSseEnabled": {"Fn::If": ["HasKey", {"Ref": "AWS::NoValue"}, True]},
            "KmsMasterKeyId": {"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]}}}),
    ],
    "one_message_fails_alone": [remove(*of("ConsumerEvents", "FunctionResponseTypes"))],
    "work_may_go_round": [remove(*of("Consumer", "RecursiveLoop")), change(*of("Consumer", "RecursiveLoop"), to="Terminate")],
    "sweeps_do_not_pile_up": [
        remove(R, "SweepsDoNotPileUp"),
        change(*of("SweepsDoNotPileUp", "MaximumRetryAttempts"), to=2),
        remove(*of("SweepsDoNotPileUp", "MaximumEventAgeInSeconds")),
    ],
    "queues_beside_have_one_condition": [
        change(*variable("Consumer", "OTHER_CHANGES_QUEUE_URL"), "Fn::If", 0, to="HasCarrierChanges"),
        statement("ConsumerRole", "offer-carrier-changes", Action=["sqs:SendMessage", "sqs:ReceiveMessage"]),
        add(*variable("Intake", "OTHER_CHANGES_QUEUE_URL"), value={"Ref": "OtherChangesQueueArn"}),
    ],
}

CONCURRENCY = {
    "concurrency_is_a_literal": [change(*of("ConsumerEvents", "ScalingConfig", "MaximumConcurrency"), to={"Ref": "RevCallsPerMinute"})],
    "the_database_has_room": [
        change("Metadata", "DeviceAssociation", "ConsumerDatabaseConnections", to=23),
        in_text("crates/central/src/settings.rs", "pool_size: 4,", "pool_size: 6,"),
    ],
    "a_batch_shares_the_pool": [
        together(
            change(*of("ConsumerEvents", "BatchSize"), to=30),
            change("Metadata", "DeviceAssociation", "RevAccountsAtWork", to=2),
        ),
    ],
    "slow_calls_do_not_cost_pace": [
        in_text("crates/device-bulk-change/src/consumer.rs", "calls_in_the_air: 64,", "calls_in_the_air: 16,"),
        change("Parameters", "RevCallsPerMinute", "Default", to=6_000),
    ],
    "the_budget_feeds_every_message": [
        change("Parameters", "RevCallsPerMinute", "Default", to=120),
        in_text("crates/device-bulk-change/src/consumer.rs", "horizon: Duration::from_secs(20)", "horizon: Duration::from_secs(6)"),
    ],
    "a_reserve_is_no_brake": [
        change("Parameters", "ConsumerReservedConcurrency", "AllowedPattern", to="^$|^([6-9]|[1-9][0-9]{1,3})$"),
        change("Parameters", "ConsumerReservedConcurrency", "AllowedPattern", to="^$|^([8-9]|[1-9][0-9]{1,3})$"),
    ],
    "the_intake_ends_before_the_gateway": [change(*of("Intake", "Timeout"), to=30)],
}

ALARMS = {
    "every_function_is_watched": [
        change(*of("IntakeThrottles", "MetricName"), to="Errors"),
        change(*of("ConsumerErrors", "Dimensions", 0, "Value"), to={"Ref": "Intake"}),
        remove(*of("IntakeErrors", "Dimensions")),
    ],
    "dead_letters_are_watched": [
        change(*of("DeadLettersWait", "Dimensions", 0, "Value"), to={"Fn::GetAtt": ["BulkChangeQueue", "QueueName"]}),
    ],
    "the_sweep_has_a_heartbeat": [
        change(*of("SweepMissing", "TreatMissingData"), to="notBreaching"),
        change(*of("SweepMissing", "ComparisonOperator"), to="GreaterThanThreshold"),
        change(*of("SweepMissing", "Threshold"), to=0),
        change(*of("SweepMissing", "DatapointsToAlarm"), to=1),
        change(*of("SweepMissing", "Period"), to=3600),
    ],
    "alarms_can_be_raised": [
        change(*of("ConsumerErrors", "Threshold"), to=1_000_000_000),
        change(*of("DeadLettersWait", "Threshold"), to=1),
        change(*of("IntakeNearTimeout", "Threshold"), to=29_000),
        change("Parameters", "FailedDevicesAlarmed", "Default", to=1_000_000),
        change(*of("ConsumerErrors", "Threshold"), to="many"),
        add(*of("IntakeErrors", "ActionsEnabled"), value=False),
        together(
            change(*of("ConsumerThrottles", "ComparisonOperator"), to="LessThanThreshold"), change(*of("ConsumerThrottles", "Threshold"), to=-1),
        ),
        change(*of("DeadLettersWait", "ComparisonOperator"), to="LessThanThreshold"),
        change(*of("OutboxIsOld", "Statistic"), to="SampleCount"),
        change(*of("QueueIsOld", "DatapointsToAlarm"), to=3),
        change(*of("ApiAnswers5xx", "Period"), to=86_400),
        change(*of("ApiAnswers5xx", "MetricName"), to="5XXError"),
        remove(*of("ApiAnswers5xx", "MetricName")),
    ],
    "silence_has_a_meaning": [remove(*of("DevicesFailed", "TreatMissingData"))],
    "alarms_reach_somebody": [
        remove(*of("QueueIsOld", "OKActions")),
        change(*of("QueueIsOld", "AlarmActions", "Fn::If", 1), to=[]),
    ],
    "alarms_say_where_to_read_on": [
        change(*of("OutboxIsOld", "AlarmDescription"), to=replace("Alarms, OutboxIsOld.", "Alarms, QueueIsOld.")),
        remove(*of("OutboxIsOld", "AlarmDescription")),
    ],
    "the_runbook_knows_every_alarm": [
        in_text(RUNBOOK, "| `SweepMissing` | ", "| `SweepsStopped` | "),
        in_text(RUNBOOK, "| `AccountsStop` | ", "| AccountsStop | "),
    ],
    "the_dashboard_shows_every_alarm": [
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('"${OutboxIsOld.Arn}"', '"${QueueIsOld.Arn}"')),
    ],
}

METRICS_LOOKED_AT = {
    "the_dashboard_can_be_read": [
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=lambda body: body.rstrip().removesuffix("}")),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('"x": 16, "y": 28', '"x": 8, "y": 28')),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('"x": 16, "y": 28', '"x": 17, "y": 28')),
    ],
    "metrics_are_sent": [
        change(*of("OutboxIsOld", "MetricName"), to="OutboxAgeSeconds"),
        change(*of("OutboxIsOld", "Namespace", "Fn::Sub"), to="DeviceAssociation"),
        add(*of("OutboxIsOld", "Dimensions"), value=[{"Name": "Reason", "Value": "any"}]),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('MetricName=\\"RevCalls\\"', 'MetricName=\\"RevCall\\"')),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('\\"Class\\"} MetricName', '\\"Kind\\"} MetricName')),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('MetricName=\\"RevCalls\\"', 'MetricName=RevCalls')),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('MetricName=\\"RevCalls\\"', 'MetricName = \\"RevCall\\"')),
        change(*of("Dashboard", "DashboardBody", "Fn::Sub"), to=replace('"expression": "SEARCH(\'{\\"DeviceAssociation/${AWS::StackName}\\",\\"Class', '"expression": "SUM(SEARCH(\'{\\"DeviceAssociation/${AWS::StackName}\\",\\"Class')),
        change(*of("OutboxIsOld", "Namespace"), to={"Fn::Join": ["/", ["DeviceAssociation", {"Ref": "AWS::StackName"}]]}),
        in_text(METRICS, "    BudgetUsed: Percent, None, Sweep;", "    BudgetSpent: Percent, None, Sweep;"),
    ],
    "functions_send_where_alarms_look": [
        remove(*variable("Intake", "METRICS_NAMESPACE")),
        change(*variable("Consumer", "METRICS_NAMESPACE"), to="DeviceAssociation"),
    ],
}

RIGHTS = {
    "nothing_is_allowed_by_wildcard": [
        statement("IntakeRole", "offer-work", Resource="*"),
        statement("IntakeRole", "offer-work", Action="sqs:*"),
        statement("ConsumerRole", "log", Resource="*"),
        statement("ConsumerRole", "log", Resource={"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*:*"}),
        statement("ConsumerRole", "read-the-login", Resource={"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:db-??????"}),
        together(
            statement("ConsumerRole", "work-off-the-queue", Action=None, Resource=None),
            statement("ConsumerRole", "work-off-the-queue", Action="sqs:SendMessage", NotResource={"Ref": "OtherChangesQueueArn"}),
        ),
        add(R, "QueuePolicy", value={"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "BulkChangeQueue"}], "PolicyDocument": {
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["BulkChangeQueue", "Arn"]}}}}}),
        add(R, "QueuePolicy", value={"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "BulkChangeQueue"}], "PolicyDocument": {
            "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["BulkChangeQueue", "Arn"]}}}}}),
        add(R, "QueuePolicy", value={"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "BulkChangeQueue"}], "PolicyDocument": {
            "Statement": {"Effect": "Allow", "Principal": {"Fn::If": ["HasVpc", "*", "*"]}, "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["BulkChangeQueue", "Arn"]}}}}}),
        statement("IntakeRole", "offer-work", Resource={"Fn::Join": ["", ["*"]]}),
        statement("IntakeRole", "offer-work", Resource={"Fn::If": ["HasVpc", {"Fn::GetAtt": ["BulkChangeQueue", "Arn"]}, "*"]}),
        statement("IntakeRole", "offer-work", Resource={"Fn::Sub": ["${Any}", {"Any": "*"}]}),
        statement("IntakeRole", "offer-work", Action={"Fn::Join": [":", ["sqs", "*"]]}),
        statement("IntakeRole", "offer-work", Resource={"Ref": "PortalClientId"}),
    ],
    "roles_are_taken_by_lambda_alone": [
        change(*of("IntakeRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal"), to={"AWS": "*"}),
        change(*of("ConsumerRole", "AssumeRolePolicyDocument", "Statement", 0, "Principal"), to={"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
    ],
    "policies_of_others_are_for_the_vpc_only": [
        change(*of("IntakeRole", "ManagedPolicyArns", "Fn::If", 2), to=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]),
        change(*of("ConsumerRole", "ManagedPolicyArns", "Fn::If", 0), to="HasAmop"),
    ],
    "what_the_vpc_policy_gives_too_much_is_taken_back": [
        statement("IntakeRole", "leave-the-vpc-to-lambda", number=1, Action=["logs:CreateLogGroup"]),
        statement("ConsumerRole", "leave-the-vpc-to-lambda", Action=["ec2:DescribeSubnets"]),
        statement("IntakeRole", "leave-the-vpc-to-lambda", Condition=None),
        change(*LEAVE, "Condition", "ArnEquals", "lambda:SourceFunctionArn", "Fn::Sub", to=replace("${IntakeFunctionName}", "${ConsumerFunctionName}")),
        statement("ConsumerRole", "leave-the-vpc-to-lambda", Effect="Allow", Resource="arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1"),
    ],
    "functions_write_their_own_log_alone": [
        statement("IntakeRole", "log", Resource={"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/device-association/${AWS::StackName}/consumer:*"}),
    ],
    "a_role_serves_one_function": [
        change(*of("Intake", "Role"), to={"Fn::GetAtt": ["ConsumerRole", "Arn"]}),
        remove(*of("Intake", "Role")),
    ],
    "permissions_name_who_calls": [
        remove(*of("ApiMayInvoke", "SourceArn")),
        change(*of("ApiMayInvoke", "SourceArn"), to="*"),
        change(*of("ApiMayInvoke", "SourceArn"), to={"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/${Api}"}),
        change(*of("ApiMayInvoke", "SourceArn"), to={"Fn::Join": ["", ["*"]]}),
        change(*of("SweepMayInvoke", "Principal"), to="*"),
        change(*of("SweepMayInvoke", "Principal"), to="123456789012"),
    ],
    "functions_have_no_address_of_their_own": [add(*of("Intake", "FunctionUrlConfig"), value={"AuthType": "NONE"})],
    "keys_are_used_through_their_service": [
        statement("IntakeRole", "use-the-key-of-the-queues", Condition=None),
        statement("ConsumerRole", "decrypt-secrets", Condition={"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}),
    ],
}

ROUTES = {
    "tokens_are_asked_for": [
        change(*of("DeviceLogRoute", "AuthorizationType"), to="NONE"),
        remove(*of("AssociateCustomerRoute", "AuthorizerId")),
        add(R, "ReadyRoute", value={"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": "GET /healthz/{more}", "AuthorizationType": "NONE"}}),
    ],
    "pages_are_open": [
        change(*of("SignInRoute", "AuthorizationType"), to={"Fn::If": ["HasAuthorizer", "JWT", "NONE"]}),
        remove(R, "OpenApiRoute"),
    ],
    "every_route_is_a_resource": [
        add(*of("Api", "Target"), value={"Fn::GetAtt": ["Intake", "Arn"]}),
        add(*of("Api", "Body"), value={"openapi": "3.0.1", "paths": {}}),
    ],
    "authorizers_check_tokens": [change(*of("Authorizer", "JwtConfiguration", "Audience"), to=[{"Ref": "PortalClientId"}])],
    "requests_are_counted_and_logged": [
        remove(*of("Stage", "DefaultRouteSettings", "ThrottlingRateLimit")),
        remove(*of("Stage", "AccessLogSettings")),
    ],
}

SECRETS = {
    "secrets_go_by_arn": [
        change(*variable("Intake", "CENTRAL_LOGIN_SECRET"), to={"Ref": "CentralConnectionString"}),
        add(*variable("Consumer", "REV_PASSWORD"), value="from-the-console"),
        add(*variable("Consumer", "REV_KEY"), value="k3y"),
        add("Globals", "Function", "Environment", value={"Variables": {"DB_PASSWORD": "from-the-console"}}),
        change("Parameters", "RevLoginSecretArn", "AllowedPattern", to="^[a-z].*$"),
    ],
    "no_value_looks_like_a_secret": [
        change(*variable("Consumer", "REV_ALLOWED_HOSTS"), to="Server=db;Password=not-a-real-one"),
        change(*variable("Consumer", "AMOP_SYNC_URL"), to="https://someone:not-a-real-one@amop.example.test/"),
        change("Parameters", "AmopSyncUrl", "Default", to="https://someone:not-a-real-one@amop.example.test/"),
        change(*variable("Intake", "OIDC_AUDIENCE"), to="AKIA" + "IOSFODNN7EXAMPLE"),
        change(*variable("Intake", "OIDC_AUDIENCE"), to="wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYEXAMPLEKEY"),
    ],
    "nothing_is_resolved_into_the_environment": [
        change(*variable("Intake", "OIDC_AUDIENCE"), to="{{resolve:secretsmanager:audience}}"),
        change(*variable("Intake", "QUEUE_URL"), to={"Fn::Sub": "{{resolve:ssm-secure:${QueueName}}}"}),
    ],
    "the_connection_string_takes_no_login": [
        change("Parameters", "CentralConnectionString", "AllowedPattern", to="^Server=.+$"),
        change("Parameters", "CentralConnectionString", "AllowedPattern", to=replace("|[Pp][Ww][Dd]", "")),
        together(
            *(in_environment(name, CentralConnectionString="FILL-IN") for name in ("dev", "next", "prod")),
            change("Parameters", "CentralConnectionString", "AllowedPattern", to="^Server=[a-z]+$"),
        ),
    ],
}

KEPT = {
    "what_holds_data_is_kept": [
        change(R, "BulkChangeQueue", "DeletionPolicy", to="Delete"),
        remove(R, "ConsumerLog", "DeletionPolicy"),
        remove(R, "BulkChangeDeadLetters", "UpdateReplacePolicy"),
    ],
    "queues_are_encrypted": [
        change(*of("BulkChangeQueue", "SqsManagedSseEnabled"), to=False),
        remove(*of("BulkChangeDeadLetters", "KmsMasterKeyId")),
    ],
    "logs_are_encrypted": [remove(*of("ApiLog", "KmsKeyId"))],
    "logs_end_some_day": [remove(*of("ApiLog", "RetentionInDays"))],
    "logs_are_of_this_template": [remove(*of("Intake", "LoggingConfig"))],
    "logs_are_named_by_the_stack": [change(*of("ApiLog", "LogGroupName"), to={"Fn::Sub": "/aws/lambda/${IntakeFunctionName}"})],
}

FORMS = {
    "resources_are_of_known_kinds": [
        add(R, "Address", value={"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Intake"}, "AuthType": "NONE"}}),
        add(R, "Bucket", value={"Type": "AWS::S3::Bucket"}),
    ],
    "globals_say_little": [
        add("Globals", "Function", "FunctionUrlConfig", value={"AuthType": "NONE"}),
        add("Globals", "HttpApi", value={"Auth": {}}),
    ],
    "apis_are_native": [add(R, "Another", value={"Type": "AWS::Serverless::HttpApi"})],
    "events_are_resources": [add(*of("Consumer", "Events"), value={"Queue": {"Type": "SQS"}})],
    "parameters_are_checked": [
        remove("Parameters", "PortalScope", "AllowedPattern"),
        remove("Parameters", "QueueName", "ConstraintDescription"),
    ],
    "names_of_a_stack_can_be_chosen": [
        change(*of("BulkChangeQueue", "QueueName"), to="device-bulk-change-queue"),
        add(*of("IntakeRole", "RoleName"), value="intake"),
    ],
}

ENVIRONMENTS = {
    "values_are_what_the_template_takes": [
        in_environment("dev", Queue="device-bulk-change-queue-dev"),
        in_environment("dev", QueueName="device-bulk-change-queue.fifo"),
        in_environment("prod", LogRetentionDays="91"),
        in_environment("prod", CentralCaFile="FILL-IN"),
        together(in_environment("dev", OidcIssuer="FILL-IN"), change("Parameters", "OidcIssuer", "AllowedPattern", to="^.+$")),
        in_environment("prod", IntakeLoginSecretArn=None),
    ],
    "environments_stand_side_by_side": [
        together(in_environment("dev", QueueName="one"), in_environment("prod", QueueName="one")),
        together(in_environment("dev", {"stack_name": "one"}), in_environment("prod", {"stack_name": "one"})),
    ],
    "production_asks_before_it_changes": [in_environment("prod", {"confirm_changeset": False}), in_environment("next", {"confirm_changeset": False})],
    "configuration_holds_no_secret": [in_environment("dev", {"tags": ["Password=not-a-real-one"]})],
}

BROKEN = {**QUEUES, **CONCURRENCY, **ALARMS, **METRICS_LOOKED_AT, **RIGHTS, **ROUTES, **SECRETS, **KEPT, **FORMS, **ENVIRONMENTS}
