package dev.berth.protocol;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * The engine sends no Content-Type, and an Accept that names only the version it speaks; both are
 * no matter of negotiation here.
 */
class EngineRequestFilter {
  @ServerRequestFilter(preMatching = true)
  void settleTypes(ContainerRequestContext request) {
    String path = request.getUriInfo().getPath();
    if (path.startsWith("/VolumeDriver.") || path.startsWith("/Plugin.")) {
      request.getHeaders().putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_OCTET_STREAM);
      request.getHeaders().putSingle(HttpHeaders.ACCEPT, Wire.MEDIA_TYPE);
    }
  }
}
