package org.elasticsearch.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.plugins.GivenPlugins;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.plugins.PluginsService;
import org.elasticsearch.transport.netty4.Netty4Plugin;

/**
 * A node on the loopback address. Arguments: its folder, then settings as name=value. Prints "READY" and its address once it
 * serves, and ends with its standard input: so it never outlives the test that started it.
 * In this package, which alone may build a node from parts.
 */
public final class TestNode extends Node {
    private TestNode(Environment environment) {
        super(NodeConstruction.prepareConstruction(environment, GivenPlugins.nothingInFolders(), new NodeServiceProvider() {
            @Override
            PluginsService newPluginService(Environment own, PluginsLoader loader) {
                return new GivenPlugins(own, new Netty4Plugin());
            }
        }, true));
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        Settings.Builder settings = Settings.builder()
            .put("path.home", folder.toString())
            .put("cluster.name", "greffe-tests")
            .put("node.name", "testnode")
            .put("network.host", "127.0.0.1")
            .put("http.port", "0")
            .put("transport.port", "0")
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("logger.level", "WARN");
        for (int at = 1; at < arguments.length; at++) {
            String[] sides = arguments[at].split("=", 2);
            settings.put(sides[0], sides[1]);
        }
        LogConfigurator.registerErrorListener();
        LogConfigurator.configureWithoutConfig(settings.build());
        LogConfigurator.configureESLogging();
        Files.createDirectories(folder.resolve("config"));
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), folder.resolve("config"), () -> "testnode");
        TestNode node = new TestNode(environment);
        node.start();
        var address = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress();
        System.out.println("READY http://127.0.0.1:" + address.getPort());
        System.out.flush();
        awaitEndOfInput();
        node.close();
        System.exit(0);
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // what is written to it means nothing
            }
        } catch (IOException gone) {
            // as good as its end
        }
    }
}
