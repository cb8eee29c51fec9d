"""Rules of the HTTP API: which routes ask for a token, how many requests come through, and that each leaves a line."""

# What the gateway lets through without a token: pages, what they are made of, and what tells nothing about anybody. Paths that are
# a page to a browser give data to a program, and the function itself asks for the token then.
OPEN_ROUTES = {
    "GET /", "GET /M2M/Index", "GET /M2M/AssociateCustomer", "GET /M2M/BulkChanges", "GET /M2M/DeviceDetails/{deviceId}",
    "GET /M2M/SignIn", "GET /assets/{hash}/{path+}", "GET /openapi.json", "GET /healthz",
}
GUARDED = {
    "AuthorizationType": {"Fn::If": ["HasAuthorizer", "JWT", "NONE"]},
    "AuthorizerId": {"Fn::If": ["HasAuthorizer", {"Ref": "Authorizer"}, {"Ref": "AWS::NoValue"}]},
}


def routes(subject):
    return subject.of_type("AWS::ApiGatewayV2::Route")


def tokens_are_asked_for(subject):
    """A route is open by name, or asks for a token whenever there is an authorizer."""
    for name, properties in routes(subject):
        key = properties["RouteKey"]
        if key not in OPEN_ROUTES and any(properties.get(member) != value for member, value in GUARDED.items()):
            yield f"{name} ({key}) must ask for a token whenever there is an authorizer"


def pages_are_open(subject):
    for name, properties in routes(subject):
        if properties["RouteKey"] in OPEN_ROUTES and properties.get("AuthorizationType") != "NONE":
            yield f"{name} ({properties['RouteKey']}) must be open: browsers ask for it without a token"
    for key in sorted(OPEN_ROUTES - {properties["RouteKey"] for _, properties in routes(subject)}):
        yield f"{key} is open by infra/checks/template/routes.py, and no route of the template"


def every_route_is_a_resource(subject):
    """An API with a target or a document of its own gets routes that no rule here sees."""
    for name, properties in subject.of_type("AWS::ApiGatewayV2::Api"):
        for member in properties:
            if member not in ("Name", "Description", "ProtocolType", "CorsConfiguration", "DisableExecuteApiEndpoint", "Tags"):
                yield f"{name}.{member} must not be there: it makes routes without an authorizer, which no rule here sees"


def authorizers_check_tokens(subject):
    for name, properties in subject.of_type("AWS::ApiGatewayV2::Authorizer"):
        tokens = {"Issuer": {"Ref": "OidcIssuer"}, "Audience": [{"Ref": "OidcAudience"}]}
        if properties["AuthorizerType"] != "JWT" or properties.get("JwtConfiguration") != tokens:
            yield f"{name} must check tokens of OidcIssuer for OidcAudience, as the function does"


def requests_are_counted_and_logged(subject):
    for name, properties in subject.of_type("AWS::ApiGatewayV2::Stage"):
        settings = properties.get("DefaultRouteSettings", {})
        if not all(settings.get(member, 0) > 0 for member in ("ThrottlingBurstLimit", "ThrottlingRateLimit")):
            yield f"{name} must limit requests (DefaultRouteSettings): one caller could use up the account's functions"
        log = properties.get("AccessLogSettings", {})
        if "DestinationArn" not in log or "$context.requestId" not in log.get("Format", ""):
            yield f"{name} must log each request with its id (AccessLogSettings)"


RULES = [tokens_are_asked_for, pages_are_open, every_route_is_a_resource, authorizers_check_tokens, requests_are_counted_and_logged]
