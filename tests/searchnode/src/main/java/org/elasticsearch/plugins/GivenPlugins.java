package org.elasticsearch.plugins;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.Build;
import org.elasticsearch.env.Environment;

/** Plug-ins that are on the class path already, instead of those in a folder. What a loaded one is, this package alone may say. */
public final class GivenPlugins extends PluginsService {
    private final List<LoadedPlugin> given = new ArrayList<>();

    public GivenPlugins(Environment environment, Plugin... plugins) {
        super(environment.settings(), environment.configDir(), nothingInFolders());
        for (Plugin plugin : plugins) {
            given.add(new LoadedPlugin(descriptor(plugin.getClass()), plugin, plugin.getClass().getClassLoader()));
        }
    }

    /** A loader that reads no folder. */
    public static PluginsLoader nothingInFolders() {
        return PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false);
    }

    @Override
    protected List<LoadedPlugin> plugins() {
        return given;
    }

    private static PluginDescriptor descriptor(Class<?> plugin) {
        String properties = String.join("\n",
            "name=" + plugin.getSimpleName(),
            "description=given on the class path",
            "version=1",
            "classname=" + plugin.getName(),
            "elasticsearch.version=" + Build.current().version(),
            "java.version=" + Runtime.version().feature());
        try {
            return PluginDescriptor.readInternalDescriptorFromStream(
                new ByteArrayInputStream(properties.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
