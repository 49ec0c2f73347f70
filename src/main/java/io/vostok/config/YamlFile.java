package io.vostok.config;

import io.vostok.config.ConfigLoader.Sourced;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** A configuration file: settings nested by group, dotted, or both. */
final class YamlFile {
    private static final int LARGEST = 1 << 20;

    private final Path file;
    private final Map<String, Sourced> found = new HashMap<>();
    private final Set<String> groups = new TreeSet<>();

    private YamlFile(Path file) {
        this.file = file;
        for (Setting setting : Settings.all()) {
            if (!setting.group().equals(setting.name())) groups.add(setting.group());
        }
    }

    /**
     * Returns the texts of the file by setting name.
     *
     * @throws ConfigException when the file cannot be read, is no YAML, or names something unknown or twice
     */
    static Map<String, Sourced> read(Path file) {
        YamlFile reader = new YamlFile(file);
        Node root = compose(file);
        if (root != null && !isNothing(root)) reader.take("", root);
        return reader.found;
    }

    private static @Nullable Node compose(Path file) {
        try {
            if (Files.size(file) > LARGEST)
                throw new ConfigException("configuration file " + file + " is larger than 1MiB");
            LoaderOptions options = new LoaderOptions();
            options.setNestingDepthLimit(16);
            options.setMaxAliasesForCollections(0);
            return new Yaml(new SafeConstructor(options)).compose(new StringReader(Files.readString(file)));
        } catch (NoSuchFileException e) {
            throw new ConfigException("configuration file " + file + " does not exist");
        } catch (MalformedInputException e) {
            throw new ConfigException("configuration file " + file + " is not UTF-8 text");
        } catch (IOException e) {
            throw new ConfigException("configuration file " + file + " cannot be read: " + e.getMessage());
        } catch (MarkedYAMLException e) {
            String line =
                    e.getProblemMark() == null ? "" : ":" + (e.getProblemMark().getLine() + 1);
            throw new ConfigException("configuration file " + file + line + " is not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new ConfigException("configuration file " + file + " is not YAML: " + e.getMessage());
        }
    }

    private void take(String prefix, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw new ConfigException(
                    prefix.isEmpty() ? "configuration file" : prefix,
                    "must hold settings as name: value (" + at(node) + ")");
        }
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw new ConfigException("a name", "must be plain text (" + at(entry.getKeyNode()) + ")");
            }
            String name = prefix.isEmpty() ? key.getValue() : prefix + "." + key.getValue();
            Node value = entry.getValueNode();
            if (groups.contains(name)) {
                if (!isNothing(value)) take(name, value); // a group whose settings are all commented out
                continue;
            }
            ConfigLoader.known(name, name, at(key));
            if (found.put(name, new Sourced(text(name, value), at(value))) != null) {
                throw new ConfigException(name, "is set twice (" + at(key) + ")");
            }
        }
    }

    private String text(String name, Node value) {
        if (isNothing(value)) return "";
        if (value instanceof ScalarNode scalar) return scalar.getValue();
        if (!(value instanceof SequenceNode sequence)) {
            throw new ConfigException(name, "must be one value or a list of values (" + at(value) + ")");
        }
        List<String> parts = new ArrayList<>();
        for (Node part : sequence.getValue()) {
            if (!(part instanceof ScalarNode scalar)) {
                throw new ConfigException(name, "must be a list of plain values (" + at(part) + ")");
            }
            parts.add(scalar.getValue());
        }
        return String.join(",", parts);
    }

    private static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private String at(Node node) {
        return file + ":" + (node.getStartMark().getLine() + 1);
    }
}
