package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Actions on things by their ids, each with its own result. */
final class Ids {
    private static final String[] RESULTS = {"status", "remark", "id"};

    private Ids() {}

    static void act(Cli cli, String action, List<String> ids) {
        ObjectNode body = Api.JSON.createObjectNode();
        ids.forEach(body.putArray("ids")::add);
        JsonNode results = cli.api().call("POST", action).body(body).answer();
        cli.output().list(results, RESULTS);
        MsgCommands.refuseFailed(results);
    }
}
