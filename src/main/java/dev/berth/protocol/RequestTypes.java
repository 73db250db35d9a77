package dev.berth.protocol;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * The engine sends no Content-Type, and an Accept that names only the version it speaks; both are
 * no matter of negotiation here, nor in {@code /v1}.
 */
class RequestTypes {
  @ServerRequestFilter(preMatching = true)
  void settleTypes(ContainerRequestContext request) {
    boolean admin = request.getUriInfo().getPath().startsWith("/v1");
    request.getHeaders().putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_OCTET_STREAM);
    request
        .getHeaders()
        .putSingle(HttpHeaders.ACCEPT, admin ? MediaType.APPLICATION_JSON : Wire.MEDIA_TYPE);
  }
}
